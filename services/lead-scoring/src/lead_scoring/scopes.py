"""Scopes that a token may hold; each operation names the one that it needs."""

from typing import Final

READ: Final = "lead-scoring:read"
WRITE_EVENTS: Final = "lead-scoring:events:write"
PUBLISH_RULES: Final = "lead-scoring:rules:publish"
PERSONAL_DATA: Final = "lead-scoring:personal-data"
