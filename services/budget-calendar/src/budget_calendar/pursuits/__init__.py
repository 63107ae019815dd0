"""Pursuits of budget decisions, as workflows that live for years."""
