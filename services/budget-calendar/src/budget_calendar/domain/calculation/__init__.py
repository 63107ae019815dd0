"""Compute the calendar of a budget year from all facts about a municipality."""
