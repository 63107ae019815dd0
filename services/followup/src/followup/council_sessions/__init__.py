"""When the councils of municipalities are in session, as budget-calendar publishes it."""
