"""Scheduled work: notify workflows, open fiscal years, delete old rows."""
