"""Followed municipalities and pursuits side by side: who stands where, and what comes next."""
