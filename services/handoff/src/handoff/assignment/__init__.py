"""Assignment: who gets a handoff, what was considered, and whose turn it is next."""
