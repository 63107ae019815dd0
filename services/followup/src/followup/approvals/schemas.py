"""Approvals, as the API shows and takes them."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from followup.approvals.answers import KeptAnswer
from followup.approvals.repository import Approval, ApprovalStatus
from followup.contents.schemas import ChosenContentOut, Topic
from followup.domain.approved_texts import LONGEST_PASSAGE
from followup.domain.contents.choice import ChosenContent
from followup.domain.contents.content import LONGEST_PASSAGE as LONGEST_CONTENT
from followup.fields import ByWhom
from kakehashi_common.contracts.texts import without_directions
from kakehashi_common.domain.checks import LONGEST_NAME, LONGEST_NOTE
from kakehashi_common.http.fields import Id, JapanTime
from kakehashi_common.http.requests import Flag, RequestBody, ResponseBody

FillInName = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
Why = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE, description="No personal data")]


def _in_one_line(subject: str) -> str:
    if not subject.strip():
        raise ValueError("is blank: write a subject")
    if len(subject.splitlines()) != 1:
        raise ValueError("should be one line, without a line break")
    return without_directions(subject)


class EditedIn(ByWhom):
    """The text as a person has changed it."""

    subject: Annotated[
        str, Field(min_length=1, max_length=LONGEST_NOTE), AfterValidator(_in_one_line)
    ]
    text: str = Field(min_length=1, max_length=20_000)


class ApprovalIn(ByWhom):
    """An approval, with the passages that a person writes."""

    fill_ins: dict[FillInName, Annotated[str, Field(max_length=LONGEST_PASSAGE)]] = Field(
        default_factory=dict,
        max_length=50,
        description="The passages that a person writes, by the name of the fill-in",
    )


class AnswerIn(ByWhom):
    """The entry in the catalogue of content for the answer of an approved text."""

    title: Annotated[
        str, Field(min_length=1, max_length=LONGEST_NOTE, description="What was asked, in one line")
    ]
    topics: tuple[Topic, ...] = Field(
        default=(),
        max_length=50,
        description="Words by which it is found; none: the policy area's name",
    )
    text: str | None = Field(
        default=None,
        min_length=1,
        max_length=LONGEST_CONTENT,
        description="Instead of the passage as it was approved, such as a shorter one",
    )
    only_here: Flag = Field(default=False, description="Offer it for this municipality only")

    def answer(self) -> KeptAnswer:
        """Return the use case's value."""
        return KeptAnswer(self.title, self.topics, self.text, self.only_here)


class RejectionIn(ByWhom):
    """The reason for a rejection."""

    reason: Why


class DelegationIn(RequestBody):
    """The seller to whom an approval is given."""

    to: Id


class FillInOut(ResponseBody):
    """A passage that a person writes."""

    name: str
    label: str = Field(description="What belongs there; the text shows it in 【】 until then")
    text: str | None = Field(description="Null: it isn't written yet, or by changing the text")


class ApprovalOut(ResponseBody):
    """The text that a step will send, and a person's decision on it."""

    approval_id: str
    sequence_id: str
    step_id: str
    lead_id: str
    recipient_lead_id: str | None = Field(
        description="To whom it goes: the contact, a colleague, the superior; null: a webhook"
    )
    municipality_code: str | None
    approver: str | None
    moved_from: str | None = Field(description="Who is away, and had it before")
    status: ApprovalStatus
    subject: str = Field(description="As it goes: with what a person has changed")
    text: str
    text_digest: str = Field(
        description="What changes with the text: in quotes the `ETag`, for `If-Match`"
    )
    original_subject: str
    original_text: str
    changed_share: float | None = Field(
        description="How much of the original a person changed, fill-ins aside: from 0 to 1; null: "
        "it goes as it was rendered"
    )
    fill_ins: list[FillInOut] = Field(description="What a person writes, by name")
    unfilled: list[str] = Field(description="What a person still has to write: the labels")
    contents: list[ChosenContentOut] = Field(
        description="What was chosen of the catalogue, and why: it stands in the text, or is "
        "offered to whoever writes it"
    )
    reminded_at: JapanTime | None = Field(description="When somebody was reminded of it")
    requested_at: JapanTime
    expires_at: JapanTime
    decided_at: JapanTime | None
    decided_by: str | None
    reason: str | None

    @classmethod
    def of(cls, approval: Approval, contents: Sequence[ChosenContent]) -> "ApprovalOut":
        """Show an approval, with the content that was chosen for it."""
        return cls(
            approval_id=approval.approval_id,
            sequence_id=approval.sequence_id,
            step_id=approval.step_id,
            lead_id=approval.lead_id,
            recipient_lead_id=approval.recipient_lead_id,
            municipality_code=approval.municipality_code,
            approver=approval.approver,
            moved_from=approval.moved_from,
            status=approval.status,
            subject=approval.shown_subject,
            text=approval.shown_text,
            text_digest=approval.text_digest,
            original_subject=approval.subject,
            original_text=approval.text,
            changed_share=approval.changed_share,
            fill_ins=[
                FillInOut(name=each.name, label=each.label, text=approval.passages.get(each.name))
                for each in approval.fill_ins
            ],
            unfilled=[each.label for each in approval.unfilled],
            contents=[ChosenContentOut.of(each) for each in contents],
            reminded_at=approval.reminded_at,
            requested_at=approval.requested_at,
            expires_at=approval.expires_at,
            decided_at=approval.decided_at,
            decided_by=approval.decided_by,
            reason=approval.reason,
        )
