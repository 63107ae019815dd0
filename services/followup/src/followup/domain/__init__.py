"""The domain of follow-ups: pure, the standard library and business time only."""
