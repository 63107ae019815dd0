"""Incoming mails, as the API answers them."""

from datetime import date

from pydantic import Field

from followup.domain.inbox.classified import Classified, MailKind
from followup.inbox.answers import Answer
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody


class IncomingMailOut(ResponseBody):
    """A mail's classification."""

    digest: str = Field(description="SHA-256 of what its sender wrote, by which it is known again")
    kind: MailKind
    refers_to: str | None = Field(description="The Message-ID of our mail that it is about")
    returns_on: date | None = Field(
        description="Of an absence: the first day back, if it is stated"
    )

    @classmethod
    def of(cls, digest: str, mail: Classified) -> "IncomingMailOut":
        """Show a classified mail."""
        return cls(
            digest=digest, kind=mail.kind, refers_to=mail.refers_to, returns_on=mail.returns_on
        )


class AnswerOut(ResponseBody):
    """A mail that refers to one of ours, as its person wrote it."""

    digest: str
    kind: MailKind
    received_at: JapanTime
    sequence_id: str
    step_id: str | None
    lead_id: str = Field(description="Of whoever got our mail")
    address: str | None = Field(description="Whom it is about: mostly who wrote it")
    subject: str
    text: str = Field(description="Without the history that it quotes; at most 20,000 characters")

    @classmethod
    def of(cls, answer: Answer) -> "AnswerOut":
        """Show an answer."""
        return cls(**{name: getattr(answer, name) for name in cls.model_fields})
