"""Scheduled work: delete what is older than it has to be kept."""
