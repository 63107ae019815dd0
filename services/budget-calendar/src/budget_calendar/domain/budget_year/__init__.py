"""The calendar of a budget year: what it consists of, and what it is computed from."""
