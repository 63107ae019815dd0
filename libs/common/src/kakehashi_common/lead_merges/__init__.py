"""Merges of leads: ids that have gone into others, from ``lead-events-v1``."""
