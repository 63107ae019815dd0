"""Incoming mails, as the API answers them."""

from datetime import date

from pydantic import Field

from followup.domain.inbox.classified import Classified, MailKind
from kakehashi_common.http.requests import ResponseBody


class IncomingMailOut(ResponseBody):
    """What a mail was found to be."""

    digest: str = Field(description="SHA-256 of its bytes, by which it is known again")
    kind: MailKind
    refers_to: str | None = Field(description="The Message-ID of our mail that it is about")
    returns_on: date | None = Field(
        description="Of an absence: the first day back, if it is stated"
    )

    @classmethod
    def of(cls, digest: str, mail: Classified) -> "IncomingMailOut":
        """Return what is shown of a mail."""
        return cls(
            digest=digest, kind=mail.kind, refers_to=mail.refers_to, returns_on=mail.returns_on
        )
