"""Approvals, as the API shows and takes them."""

from typing import Annotated

from pydantic import Field

from followup.approvals.repository import Approval, ApprovalStatus
from followup.fields import ByWhom
from kakehashi_common.domain.checks import LONGEST_NOTE
from kakehashi_common.http.fields import Id, JapanTime
from kakehashi_common.http.requests import RequestBody, ResponseBody

Why = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE, description="No personal data")]


class EditedIn(RequestBody):
    """The text as a person has changed it."""

    subject: str = Field(min_length=1, max_length=LONGEST_NOTE)
    text: str = Field(min_length=1, max_length=20_000)


class RejectionIn(ByWhom):
    """Why it may not go."""

    reason: Why


class DelegationIn(RequestBody):
    """To whom it is given."""

    to: Id


class ApprovalOut(ResponseBody):
    """What a step will send, and what a person says of it."""

    approval_id: str
    sequence_id: str
    step_id: str
    lead_id: str
    municipality_code: str | None
    approver: str | None
    status: ApprovalStatus
    subject: str = Field(description="As it goes: with what a person has changed")
    text: str
    original_subject: str
    original_text: str
    unfilled: list[str] = Field(description="What a person still has to write")
    requested_at: JapanTime
    expires_at: JapanTime
    decided_at: JapanTime | None
    decided_by: str | None
    reason: str | None

    @classmethod
    def of(cls, approval: Approval) -> "ApprovalOut":
        """Return what is shown of an approval."""
        return cls(
            approval_id=approval.approval_id,
            sequence_id=approval.sequence_id,
            step_id=approval.step_id,
            lead_id=approval.lead_id,
            municipality_code=approval.municipality_code,
            approver=approval.approver,
            status=approval.status,
            subject=approval.shown_subject,
            text=approval.shown_text,
            original_subject=approval.subject,
            original_text=approval.text,
            unfilled=list(approval.unfilled),
            requested_at=approval.requested_at,
            expires_at=approval.expires_at,
            decided_at=approval.decided_at,
            decided_by=approval.decided_by,
            reason=approval.reason,
        )
