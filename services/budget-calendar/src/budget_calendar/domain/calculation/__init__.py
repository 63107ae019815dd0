"""Compute the calendar of a budget year from everything that is known of a municipality."""
