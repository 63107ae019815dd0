"""The mail as the recipient gets it: found, its signature verified, and answered."""

import smtplib
from base64 import b64encode
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final

import dkim
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from examples.journey.cast import Official
from examples.journey.services import StackSettings

_TIMEOUT_SECONDS: Final = 10


def find(stack: StackSettings, message_id: str) -> Path | None:
    """Return the file of a mail that the mail server has kept."""
    for file in sorted((stack.mail_folder / "all").glob("*.eml"), reverse=True):
        if _read(file)["Message-ID"] == message_id:
            return file
    return None


def page(stack: StackSettings, file: Path) -> str:
    """Return the address at which the mail server shows a mail."""
    return f"http://127.0.0.1:{stack.mail_page_port}/{file.name}"


def subject(file: Path) -> str:
    """Return what a mail is about."""
    return str(_read(file)["Subject"])


def is_signed(file: Path, key_file: Path) -> bool:
    """Whether the DKIM signature of a mail is right, by the public half of a private key."""
    key = load_pem_private_key(key_file.read_bytes(), None).public_key()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def dns(_name: bytes, timeout: int = 5) -> bytes:  # noqa: ARG001 - as dkimpy asks
        return b"v=DKIM1; k=rsa; p=" + b64encode(der)

    return bool(dkim.verify(file.read_bytes(), dnsfunc=dns))


def answer(stack: StackSettings, file: Path, official: Official, text: str) -> None:
    """Answer a mail as its recipient does, by the same mail server."""
    received = _read(file)
    reply = EmailMessage(policy=SMTP)
    reply["From"] = f"{official.name} <{official.email}>"
    reply["To"] = stack.mail_sender
    reply["Subject"] = f"Re: {received['Subject']}"
    reply["In-Reply-To"] = received["Message-ID"]
    reply["References"] = received["Message-ID"]
    reply["Message-ID"] = f"<re-{file.stem}@{official.email.rpartition('@')[2]}>"
    reply.set_content(text)
    with smtplib.SMTP("127.0.0.1", stack.mail_smtp_port, timeout=_TIMEOUT_SECONDS) as server:
        server.send_message(reply)


def _read(file: Path) -> EmailMessage:
    return message_from_bytes(file.read_bytes(), EmailMessage, policy=SMTP)
