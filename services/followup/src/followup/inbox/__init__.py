"""Incoming mail: reading it, and keeping what can't be read."""
