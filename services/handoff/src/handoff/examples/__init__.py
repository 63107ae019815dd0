"""The demo of handoff."""
