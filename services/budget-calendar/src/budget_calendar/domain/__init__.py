"""The rules of budget years and pursuits. Uses the standard library only."""
