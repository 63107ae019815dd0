"""Where municipalities stand in their budget year, as budget-calendar publishes it."""
