"""Sellers' activities, as the API shows them."""

from pydantic import Field

from handoff.seller_activities.repository import Recognition, StoredActivity
from kakehashi_common.contracts.seller_activities import SellerActivityKind, SellerRole
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody


class RecognitionOut(ResponseBody):
    """The step of a handoff that was recognised from an activity."""

    handoff_id: str | None = Field(description="Null: nothing of any")
    recognised_as: str | None = Field(
        description="first_contact_made, meeting_held or lead_answered"
    )
    refusal_code: str | None = Field(description="Why the handoff did not take it")
    refusal: str | None

    @classmethod
    def of(cls, found: Recognition) -> "RecognitionOut":
        """Show it."""
        return cls(
            handoff_id=found.handoff_id,
            recognised_as=found.recognised_as,
            refusal_code=found.refusal_code,
            refusal=found.refusal,
        )


class SellerActivityOut(ResponseBody):
    """A seller's activity as it was recorded last."""

    activity_id: str
    at: JapanTime
    member_id: str
    role: SellerRole
    kind: SellerActivityKind
    reached: bool | None
    outcome: str | None
    minutes: int | None
    lead_id: str | None
    deal_id: str | None
    municipality_code: str | None
    recognition: RecognitionOut | None = Field(description="Null: not looked at yet")

    @classmethod
    def of(cls, activity: StoredActivity) -> "SellerActivityOut":
        """Show it."""
        found = activity.recognition
        return cls(
            **activity.recorded.model_dump(),
            at=activity.at,
            recognition=None if found is None else RecognitionOut.of(found),
        )
