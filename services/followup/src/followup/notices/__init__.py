"""Notices to sellers by mail: the daily list each morning, and reminders."""
