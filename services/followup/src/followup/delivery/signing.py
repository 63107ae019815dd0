"""DKIM signatures (RFC 6376, RFC 8463) over everything that a recipient relies on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from typing import Final, Literal

import dkim

_SIGNED: Final = (
    *("from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references"),
    *("mime-version", "content-type", "list-unsubscribe", "list-unsubscribe-post"),
)
"""``List-Unsubscribe`` and ``List-Unsubscribe-Post`` must be among them (RFC 8058, 4)."""
_NOT_TO_BE_ADDED: Final = ("from", "reply-to", "subject", "list-unsubscribe")
"""Signed once more than they occur, so that another one breaks the signature (RFC 6376, 8.15)."""


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A domain's key.

    Args:
        domain: that signs: the sender's own or one above it, as DMARC wants it.
        selector: under which the public key stands in DNS: ``<selector>._domainkey.<domain>``.
        private_key: RSA as PEM (PKCS #1 or #8, from 1024 bits), Ed25519 as base64 of its 32 bytes.
    """

    domain: str
    selector: str
    private_key: bytes = field(repr=False)
    algorithm: Literal["rsa-sha256", "ed25519-sha256"] = "rsa-sha256"


def sign(message: bytes, keys: Sequence[DkimKey]) -> bytes:
    """Return a composed mail with one signature of each key before it.

    Whoever knows only RSA takes that one; RFC 8463 recommends both.

    Raises:
        ValueError: a key can't be read, or its domain isn't the sender's: a setting is wrong.
    """
    headers = BytesHeaderParser().parsebytes(message)
    sender = parseaddr(str(headers["from"]))[1].rpartition("@")[2].lower()
    included = [name for name in _SIGNED if name in headers]
    included += [name for name in _NOT_TO_BE_ADDED if name in headers]
    signatures = [_signature(message, key, sender, included) for key in keys]
    return b"".join(signatures) + message


def _signature(message: bytes, key: DkimKey, sender: str, included: Sequence[str]) -> bytes:
    if sender != key.domain and not sender.endswith(f".{key.domain}"):
        raise ValueError(f"the DKIM key of {key.domain} can't sign for {sender}")
    try:
        signature: bytes = dkim.sign(
            message,
            key.selector.encode(),
            key.domain.encode(),
            key.private_key,
            signature_algorithm=key.algorithm.encode(),
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[name.encode() for name in included],
        )
    except (dkim.DKIMException, ValueError, TypeError) as error:
        raise ValueError(
            f"the DKIM key {key.selector} of {key.domain} can't be used: {type(error).__name__}"
        ) from error
    return signature
