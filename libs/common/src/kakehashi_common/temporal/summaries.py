"""Texts that the Temporal UI shows beside activities and timers."""

from typing import Final

_LONGEST: Final = 100
"""Characters of a summary, for which Temporal takes 400 bytes."""


def shortened(text: str) -> str:
    """Return a text as a summary takes it."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
