"""Triggers: the reasons that are reported, kept until they are stale."""
