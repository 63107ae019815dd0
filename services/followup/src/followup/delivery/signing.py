"""DKIM signatures (RFC 6376, RFC 8463) over everything that a recipient relies on."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from functools import lru_cache
from typing import Any, Final, Literal

import dkim
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

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


class _Signer(dkim.DKIM):  # type: ignore[misc] # published without types
    """The library's signer, with RSA by OpenSSL: its own is Python, and takes ten times as long."""

    def __init__(self, message: bytes, key: DkimKey) -> None:
        super().__init__(message)
        self._key = key

    def gen_header(self, fields: Any, included: Any, policy: Any, name: Any, pk: Any) -> bytes:
        """Return a header with its signature."""
        if self._key.algorithm == "rsa-sha256":
            pk = _OpenSslKey(_rsa_key(self._key.private_key))
            # The way of keys that sign themselves; the header's own field is written already.
            self.signature_algorithm = b"ed25519-sha256"
        header: bytes = super().gen_header(fields, included, policy, name, pk)
        return header


@dataclass(frozen=True, slots=True)
class _OpenSslKey:
    """A key as the library asks it, and its answer."""

    key: RSAPrivateKey
    signature: bytes = b""

    def sign(self, digest: bytes) -> "_OpenSslKey":
        """Sign a digest (RFC 8017, RSASSA-PKCS1-v1_5)."""
        signature = self.key.sign(digest, PKCS1v15(), Prehashed(SHA256()))
        return replace(self, signature=signature)


@lru_cache(maxsize=8)
def _rsa_key(private_key: bytes) -> RSAPrivateKey:
    """Return a key, which is checked when it is read: that takes as long as many signatures."""
    key = load_pem_private_key(private_key, None)
    if not isinstance(key, RSAPrivateKey):
        raise TypeError("it is no RSA key")
    return key


def _signature(message: bytes, key: DkimKey, sender: str, included: Sequence[str]) -> bytes:
    if sender != key.domain and not sender.endswith(f".{key.domain}"):
        raise ValueError(f"the DKIM key of {key.domain} can't sign for {sender}")
    try:
        signature: bytes = _Signer(message, key).sign(
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
