"""Identifiers of erased people, kept as keyed hashes, whose events are dropped."""
