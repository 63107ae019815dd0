"""Customers' usage of what they bought."""
