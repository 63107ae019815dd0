"""Pursuits of budget decisions: workflows that live for years, and what is asked of them."""
