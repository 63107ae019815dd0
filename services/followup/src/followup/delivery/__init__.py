"""Outgoing mail: composing, signing, handing over, and what became of it."""
