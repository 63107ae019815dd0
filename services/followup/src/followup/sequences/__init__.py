"""Sequences: contacts on their way through playbooks."""
