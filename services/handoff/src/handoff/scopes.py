"""Scopes that a token may hold; each operation names the one that it needs."""

from typing import Final

READ: Final = "handoff:read"
WRITE_TEAMS: Final = "handoff:teams:write"
WRITE: Final = "handoff:write"
WRITE_POLICIES: Final = "handoff:policies:write"
PERSONAL_DATA: Final = "handoff:personal-data"
WRITE_EVENTS: Final = "handoff:events:write"
