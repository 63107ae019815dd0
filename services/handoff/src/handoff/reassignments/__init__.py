"""Reassignments: what becomes of a member's handoffs when they leave."""
