"""Assignment: who gets a handoff, and why."""
