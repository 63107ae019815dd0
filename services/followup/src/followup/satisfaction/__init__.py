"""Customers' answers to short surveys."""
