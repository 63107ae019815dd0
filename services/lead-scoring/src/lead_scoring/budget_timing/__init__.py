"""Municipalities' phases and milestones of the budget year, as budget-calendar publishes them."""
