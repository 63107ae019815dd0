"""Consents and suppressions: who may be written to, and who must not be."""
