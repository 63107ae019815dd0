"""Profiles of leads, field by field, as ``lead-events-v1`` says: what is newer wins."""
