"""Sign webhooks. Source: Standard Webhooks 1.0, https://www.standardwebhooks.com."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

PREFIX: Final = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""


def secret_key(secret: str) -> bytes:
    """Return the key that ``whsec_…`` writes.

    Raises:
        ValueError: it is none; the message doesn't repeat it.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not (secret.startswith(PREFIX) and SHORTEST <= len(key) <= LONGEST):
        raise ValueError(
            f"write {PREFIX} and the Base64 of {SHORTEST} to {LONGEST} random bytes, as in "
            f'"{PREFIX}$(openssl rand -base64 32)"'
        )
    return key


def signed_headers(
    secrets: Iterable[str], message_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """Return the headers by which a receiver verifies a message: one signature per secret.

    Args:
        secrets: while one takes the other's place, two.
        message_id: the same however often the message is sent.
        timestamp: of this attempt, in seconds since 1970.
        body: exactly as it is sent.
    """
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    signatures = (
        base64.b64encode(hmac.digest(secret_key(secret), signed, hashlib.sha256)).decode()
        for secret in secrets
    )
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{each}" for each in signatures),
    }
