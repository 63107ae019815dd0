"""Entries: reasons and behaviours have contacts enter playbooks, and each decision is kept."""
