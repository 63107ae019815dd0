"""`make demo`: the organisation that handoffs go to."""
