"""Leads and their municipalities, as known from the events of other services."""
