"""Measures of handoffs, and the agenda of the weekly meeting."""
