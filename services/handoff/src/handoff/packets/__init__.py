"""Packets (引き継ぎ票): prepared, completed by people, judged by who receives them; readiness."""
