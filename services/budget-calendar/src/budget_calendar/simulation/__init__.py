"""Years ahead of time: the real workflows on Temporal's time-skipping server."""
