"""Which ids of leads have gone into which, as ``lead-events-v1`` says."""
