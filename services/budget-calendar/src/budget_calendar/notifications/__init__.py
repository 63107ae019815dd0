"""Notify workflows of the revisions that concern them."""
