"""Precedences: of two playbooks that write to one contact the lower one stands still."""
