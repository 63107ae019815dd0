"""Tokens in the URLs of feeds: calendar programs can't send one in a header."""

import hashlib
import secrets
from typing import Final

_TOKEN_BYTES: Final = 32
"""256 random bits: nobody guesses one, so a plain digest of it is enough to store."""


def new_token() -> str:
    """Return a token for the URL of one feed; only its digest is stored."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def token_digest(token: str) -> bytes:
    """Return what is stored of a token: its SHA-256."""
    return hashlib.sha256(token.encode()).digest()
