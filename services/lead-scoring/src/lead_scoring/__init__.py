"""Turns lead events into explained scores."""
