"""Incoming mail: what it is, and what follows for the sequence that it belongs to."""
