"""Questions, as the API shows and takes them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from followup.contents.repository import StoredContent
from followup.domain.contents.content import ContentKind
from followup.domain.contents.questions import LONGEST_QUESTION, Found
from followup.domain.playbooks.audience import Role
from followup.questions.repository import Question
from followup.questions.service import Asked, Reply
from kakehashi_common.contracts.events import LeadId, MunicipalityCode
from kakehashi_common.http.fields import Id, JapanTime
from kakehashi_common.http.requests import RequestBody, ResponseBody


class QuestionIn(RequestBody):
    """A question. Whatever is left out of who asks is not known, and not stored."""

    question: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_QUESTION,
            description="As it was asked; without names of persons",
            examples=["LGWAN環境での利用は可能でしょうか"],
        ),
    ]
    lead_id: LeadId | None = Field(
        default=None, description="Who asks, so that whoever answers knows; absent: nobody does"
    )
    municipality_code: MunicipalityCode | None = None
    role: Role | None = None
    owner: Id | None = Field(
        default=None,
        description="The seller who answers if nothing in the catalogue does; absent: the default "
        "owner, else anybody",
    )

    def asked(self) -> Asked:
        """Return the use case's value."""
        return Asked(self.question, self.lead_id, self.municipality_code, self.role, self.owner)


class FoundOut(ResponseBody):
    """A passage of the catalogue that answers a question, with where it comes from."""

    content_id: str
    kind: ContentKind
    title: str = Field(description="Of an entry of the FAQ: its question")
    passage: str = Field(description="Word for word, as somebody entered it")
    source: str
    url: str | None
    entered_at: JapanTime
    similarity: float = Field(description="From 0 to 1")
    words: list[str] = Field(description="What the question and the entry have in common")

    @classmethod
    def of(cls, found: Found, stored: StoredContent) -> "FoundOut":
        """Show a passage."""
        its = stored.content
        return cls(
            content_id=its.content_id,
            kind=its.kind,
            title=its.title,
            passage=its.passage or "",
            source=its.source,
            url=its.url,
            entered_at=stored.entered_at,
            similarity=found.similarity,
            words=list(found.words),
        )


class QuestionOut(ResponseBody):
    """A question that a person is to answer, or has answered."""

    question_id: UUID
    question: str
    lead_id: str | None
    municipality_code: str | None
    owner: str | None = Field(description="Null: anybody")
    asked_at: JapanTime
    due_at: JapanTime
    answered_at: JapanTime | None
    answered_by: str | None

    @classmethod
    def of(cls, question: Question) -> "QuestionOut":
        """Show a question."""
        return cls(
            question_id=question.question_id,
            question=question.text,
            lead_id=question.lead_id,
            municipality_code=question.municipality_code,
            owner=question.owner,
            asked_at=question.asked_at,
            due_at=question.due_at,
            answered_at=question.answered_at,
            answered_by=question.answered_by,
        )


class ReplyOut(ResponseBody):
    """The answers to a question in the catalogue; if there are none, the person who will answer."""

    known: bool = Field(description="False: nothing in the catalogue answers it")
    answers: list[FoundOut] = Field(description="The best first, at most three")
    handed_over: QuestionOut | None = Field(description="To whom, if it is not known")

    @classmethod
    def of(cls, reply: Reply) -> "ReplyOut":
        """Show a reply."""
        handed_over = reply.handed_over
        return cls(
            known=handed_over is None,
            answers=[FoundOut.of(*each) for each in reply.found],
            handed_over=None if handed_over is None else QuestionOut.of(handed_over),
        )
