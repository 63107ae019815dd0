"""What handoffs and deals teach the score: labels, and reports of the rules by them."""
