"""What is measured of handoffs, and the agenda of the weekly meeting."""
