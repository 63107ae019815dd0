"""What a token may hold; each operation names the one that it needs."""

from typing import Final

READ: Final = "budget-calendar:read"
FOLLOW: Final = "budget-calendar:follow"
CORRECT: Final = "budget-calendar:correct"
"""Corrections, facts and observed sessions."""
WRITE_SUBSIDIES: Final = "budget-calendar:subsidies:write"
WRITE_PURSUITS: Final = "budget-calendar:pursuits:write"
