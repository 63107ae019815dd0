"""Consent: on which basis somebody may be written to, and who must not be (特定電子メール法)."""
