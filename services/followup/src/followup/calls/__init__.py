"""Calls that sellers made, as CRM and telephone systems report them."""
