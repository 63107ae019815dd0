"""Message-IDs: the same for a step however often its mail is composed or sent."""

import re
from hashlib import sha256

_OURS = re.compile(r"<followup\.[0-9a-f]{32}@(?P<domain>[^>]+)>")


def message_id(sequence_id: str, step: str, domain: str) -> str:
    """Return the Message-ID of one step's mail.

    It is a digest: neither the lead's id nor the sequence's name can be read from it.
    """
    digest = sha256(f"{sequence_id}\0{step}".encode()).hexdigest()[:32]
    return f"<followup.{digest}@{domain.lower()}>"


def mail_name(identity: str) -> str:
    """Return the part of our Message-ID that names the mail, without the domain."""
    return identity.removeprefix("<").partition("@")[0]


def is_ours(identity: str, domain: str) -> bool:
    """Whether a Message-ID has the form of those that we give to mails of ``domain``."""
    found = _OURS.fullmatch(identity)
    return found is not None and found["domain"].lower() == domain.lower()
