"""A connection to the mail server, and its answers without the addresses in them."""

import re
import ssl
from typing import Final

import aiosmtplib

from kakehashi_common.mail.settings import MailSettings

PERMANENT: Final = 500
"""Answers from here on refuse for good (RFC 5321, 4.2.1)."""

_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
"""An enhanced status code (RFC 3463)."""


def smtp_client(settings: MailSettings) -> aiosmtplib.SMTP:
    """Return a client that isn't connected yet, for ``async with`` or `connect`."""
    password = settings.password
    return aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port,
        username=settings.username,
        password=None if password is None else password.get_secret_value(),
        use_tls=settings.security == "tls",
        start_tls=settings.security == "starttls",
        tls_context=None if settings.security == "none" else _tls(settings),
        timeout=settings.timeout_seconds,
    )


def enhanced_status(message: str) -> str | None:
    """Return the enhanced status code that an answer begins with."""
    found = _ENHANCED.match(message.strip())
    return found[0] if found else None


def answered(code: int, message: str) -> str:
    """Return an answer's codes: its words mostly hold the recipient's address."""
    enhanced = enhanced_status(message)
    return f"the mail server answered {code}" + (f" {enhanced}" if enhanced else "")


def _tls(settings: MailSettings) -> ssl.SSLContext:
    file = settings.ssl_ca_file
    return ssl.create_default_context(cafile=None if file is None else str(file))
