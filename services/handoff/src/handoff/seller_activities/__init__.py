"""What sellers did, and what it means to a handoff."""
