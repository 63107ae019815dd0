"""Letters that a service writes to people of its own organisation."""

from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from kakehashi_common.clock import TOKYO


def letter(
    *, sender: str, to: str, subject: str, text: str, identity: str, at: datetime
) -> EmailMessage:
    """Return a letter, marked as sent by a program, so that nobody's absence answers it.

    Args:
        sender: the address that it comes from.
        to: the address that it goes to.
        subject: in one line.
        text: plain.
        identity: the part of the Message-ID before the ``@``: the same however often it is sent.
        at: when it is written.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(at.astimezone(TOKYO))
    message["Message-ID"] = f"<{identity}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text, cte="base64")
    return message
