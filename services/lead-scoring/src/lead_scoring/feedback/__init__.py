"""Feedback from handoffs and deals to the score: labels, and reports on the rules by them."""
