"""Subsidy programmes on record, which routes are planned with."""
