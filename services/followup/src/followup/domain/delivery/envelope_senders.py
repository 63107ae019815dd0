"""An envelope sender of its own for each mail (VERP), by which its bounces are known.

The local part holds the digest of the mail's Message-ID and a MAC over it, in base32: mail servers
may write it in capital letters. Whoever doesn't know the keys can't make one for another mail.
"""

import base64
import hmac
import re
from collections.abc import Iterable, Sequence
from typing import Final

from followup.domain.message_ids import digest_of, name_of

PLACEHOLDER: Final = "{token}"
"""Stands for the token in the address that is set."""
LONGEST_LOCAL_PART: Final = 64
"""Octets (RFC 5321, 4.5.3.1.1)."""
TOKEN_LENGTH: Final = 42
_DIGEST_BYTES: Final = 16
_MAC_BYTES: Final = 10
_PURPOSE: Final = b"followup envelope sender\0"


class EnvelopeSenders:
    """Makes envelope senders, and reads of which mail one is.

    Args:
        address: with `PLACEHOLDER` in its local part, such as ``bounce+{token}@example.jp``.
        keys: of HMAC-SHA256: the first one signs, all are accepted, so that a key can be replaced.
    """

    def __init__(self, address: str, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("give at least one key")
        self._before, _, self._behind = address.partition(PLACEHOLDER)
        before, behind = re.escape(self._before), re.escape(self._behind)
        self._form = re.compile(
            rf"{before}([a-z2-7]{{{TOKEN_LENGTH}}}){behind}", re.IGNORECASE | re.ASCII
        )
        self._keys = tuple(keys)

    def of(self, message_id: str) -> str:
        """Return the envelope sender of one of our mails, by its Message-ID.

        Raises:
            ValueError: it is no Message-ID of ours.
        """
        digest = digest_of(message_id)
        token = base64.b32encode(digest + _mac(self._keys[0], digest)).rstrip(b"=").decode().lower()
        return f"{self._before}{token}{self._behind}"

    def has_form(self, address: str) -> bool:
        """Whether an address looks like one of these, whoever made it."""
        return self._form.fullmatch(address) is not None

    def mail_name(self, addresses: Iterable[str]) -> str | None:
        """Return the name of the mail whose envelope sender is among addresses.

        What we didn't make is none.
        """
        for address in addresses:
            found = self._form.fullmatch(address)
            if found is None:
                continue
            token = found[1].upper()
            data = base64.b32decode(token + "=" * (-len(token) % 8))
            digest, mac = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
            if any(hmac.compare_digest(mac, _mac(key, digest)) for key in self._keys):
                return name_of(digest)
        return None


def _mac(key: bytes, digest: bytes) -> bytes:
    return hmac.digest(key, _PURPOSE + digest, "sha256")[:_MAC_BYTES]
