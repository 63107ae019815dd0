"""All SQL of budget-calendar. Functions take a connection and never commit."""
