"""Message-IDs: the same for a step however often its mail is composed or sent."""

import re
from hashlib import sha256

_OURS = re.compile(r"<followup\.(?P<digest>[0-9a-f]{32})@(?P<domain>[^>]+)>")


def message_id(sequence_id: str, step: str, domain: str) -> str:
    """Return the Message-ID of one step's mail.

    It is a digest: neither the lead's id nor the sequence's name can be read from it.
    """
    digest = sha256(f"{sequence_id}\0{step}".encode()).hexdigest()[:32]
    return f"<followup.{digest}@{domain.lower()}>"


def mail_name(identity: str) -> str:
    """Return the part of our Message-ID that names the mail, without the domain."""
    return identity.removeprefix("<").partition("@")[0]


def digest_of(identity: str) -> bytes:
    """Return the 16 bytes that tell our mails apart.

    Raises:
        ValueError: it is no Message-ID of ours.
    """
    found = _OURS.fullmatch(identity)
    if found is None:
        raise ValueError("it is no Message-ID of ours")
    return bytes.fromhex(found["digest"])


def name_of(digest: bytes) -> str:
    """Return the name of a mail by `digest_of` its Message-ID."""
    return f"followup.{digest.hex()}"


def is_ours(identity: str, domain: str) -> bool:
    """Whether a Message-ID has the form of those that we give to mails of ``domain``."""
    found = _OURS.fullmatch(identity)
    return found is not None and found["domain"].lower() == domain.lower()
