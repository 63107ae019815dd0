"""OAuth scopes; each operation names the one that it requires."""

from typing import Final

READ: Final = "budget-calendar:read"
FOLLOW: Final = "budget-calendar:follow"
CORRECT: Final = "budget-calendar:correct"
"""Corrections, facts and observed sessions."""
WRITE_SUBSIDIES: Final = "budget-calendar:subsidies:write"
WRITE_PURSUITS: Final = "budget-calendar:pursuits:write"
