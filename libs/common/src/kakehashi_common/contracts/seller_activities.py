"""Topic ``seller-activities-v1``: sellers' activities, so that nobody enters the same thing twice.

Publishers are other systems (CRM, telephony, calendars) and the HTTP collector.
"""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from kakehashi_common.contracts.deal_events import DealId
from kakehashi_common.contracts.events import EventData, LeadId, MunicipalityCode, Slug

MemberId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$",
        description="A seller's staff number, never a name",
        examples=["s-1042"],
    ),
]

ActivityId = Annotated[
    str,
    Field(
        min_length=1,
        max_length=64,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$",
        description="The publisher's stable id of the activity; holds no personal data",
        examples=["crm-task-88213"],
    ),
]


class SellerRole(StrEnum):
    """A role in the sales process."""

    SALES_DEVELOPMENT = "sales_development"
    """SDR and BDR."""
    INSIDE_SALES = "inside_sales"
    """内勤営業."""
    FIELD_SALES = "field_sales"
    """外勤営業."""
    CUSTOMER_SUCCESS = "customer_success"


class SellerActivityKind(StrEnum):
    """The kind of a seller's activity."""

    CALL = "call"
    MAIL = "mail"
    VISIT = "visit"
    """A visit in person, with or without an appointment."""
    MEETING = "meeting"
    """An appointment, in person or online."""
    PROPOSAL = "proposal"
    """A proposal or quote was written or presented."""
    ADMINISTRATION = "administration"
    """Anything that isn't about a customer: entering data, internal meetings, travel."""


class SellerActivityRecorded(EventData):
    """A seller did something: called, wrote, visited, met, proposed, or administered.

    The event's ``time`` is when it took place; of something that lasts, when it began. Sent again
    under the same ``activity_id`` with another event id, it corrects what was said before: the
    statement that is published last counts.
    """

    TYPE: ClassVar[str] = "jp.kakehashi.seller.activity_recorded.v1"

    activity_id: ActivityId
    member_id: MemberId
    role: SellerRole = Field(description="In which the member did it; a member may have several")
    kind: SellerActivityKind
    reached: bool | None = Field(
        default=None,
        description="Whether it reached the customer: they were spoken with, the mail was "
        "delivered, the meeting took place. False: an attempt. Absent: not known, and no contact "
        "is recognised from it",
    )
    outcome: Slug | None = Field(
        default=None,
        description="What came of it; the list is open",
        examples=["appointment_made", "no_answer"],
    )
    minutes: int | None = Field(default=None, ge=0, le=1440, description="How long it took")
    lead_id: LeadId | None = Field(default=None, description="About which lead")
    deal_id: DealId | None = Field(default=None, description="About which deal")
    municipality_code: MunicipalityCode | None = None

    @property
    def subject(self) -> str:
        """The key on the topic: the lead if there is one, else the deal, municipality or member."""
        return self.lead_id or self.deal_id or self.municipality_code or self.member_id
