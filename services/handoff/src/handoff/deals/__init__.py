"""Deals: as the CRM states them, or handoff opens them."""
