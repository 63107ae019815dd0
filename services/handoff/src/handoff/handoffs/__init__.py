"""Handoffs: their workflow, what they have recorded, and the requests that reach them."""
