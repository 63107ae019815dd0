"""Triggers of follow-ups: reasons that others report, and behaviour that is observed."""
