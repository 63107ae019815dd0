"""Topic ``lead-events-v1``: what a contact did, or what was learnt about a lead.

A lead is one person at one organisation, as the seller sees it. Publishers are other systems
(CRM, website, mail, telephony) and the HTTP collector.
"""

from enum import StrEnum
from typing import ClassVar, Final

from pydantic import Field, ValidationInfo, field_validator, model_validator

from kakehashi_common.contracts.events import EventData, LeadId, MunicipalityCode, Scalar, Slug


class ActivityKind(StrEnum):
    """The catalogue of contact activities that the shipped rules know.

    The catalogue is open: any other slug is accepted, stored, and worth nothing until a rule
    names it.
    """

    PAGE_VIEWED = "page_viewed"
    DOCUMENT_DOWNLOADED = "document_downloaded"
    SEMINAR_REGISTERED = "seminar_registered"
    SEMINAR_ATTENDED = "seminar_attended"
    MAIL_OPENED = "mail_opened"
    MAIL_CLICKED = "mail_clicked"
    MAIL_ANSWERED = "mail_answered"
    FORM_SUBMITTED = "form_submitted"
    CALL_ANSWERED = "call_answered"
    MEETING_HELD = "meeting_held"
    REFERENCE_QUOTE_REQUESTED = "reference_quote_requested"
    """参考見積: asked for in June–September of the year before the budget (common practice)."""
    RFI_RECEIVED = "rfi_received"
    RFP_RECEIVED = "rfp_received"


class DecisionRole(StrEnum):
    """The part a person plays in a municipality's decision."""

    OFFICER = "officer"
    """担当者: looks at operation."""
    MANAGER = "manager"
    """管理職: looks at cost and benefit."""
    FINANCE = "finance"
    """財政担当: needs grounds for the budget."""
    HEAD = "head"
    """首長・副首長: policy goals."""
    COUNCIL = "council"
    """議員: benefit to residents."""
    OTHER = "other"


class Outcome(StrEnum):
    """The outcome of an opportunity."""

    WON = "won"
    LOST = "lost"
    CANCELLED = "cancelled"


TRUTH_ATTRIBUTES: Final = (
    "existing_customer",
    "in_published_plan",
    "neighbour_is_customer",
    "bid_qualified",
)
"""Attributes that the shipped rules ask whether they hold. Any other value would score nothing,
and nobody would notice."""


class ActivityRecorded(EventData):
    """A contact did something: viewed a page, attended a seminar, asked for a quote."""

    TYPE: ClassVar[str] = "jp.kakehashi.lead.activity_recorded.v1"

    lead_id: LeadId
    kind: Slug = Field(description="What was done; the catalogue is open")
    category: Slug | None = Field(
        default=None,
        description="What it was done to: the category of the page, document or seminar",
        examples=["pricing"],
    )
    details: dict[str, Scalar] = Field(
        default_factory=dict, description="Anything else; kept with the event, never scored"
    )


class ProfileChanged(EventData):
    """Something was learnt about a lead. Only the fields that are present change.

    Field by field, the value with the latest ``time`` wins; ``null`` clears a field.
    """

    TYPE: ClassVar[str] = "jp.kakehashi.lead.profile_changed.v1"

    lead_id: LeadId
    municipality_code: MunicipalityCode | None = None
    department: str | None = Field(default=None, max_length=200, examples=["情報政策課"])
    role: DecisionRole | None = None
    organisation_size: int | None = Field(
        default=None, ge=0, le=10_000_000, description="People working in the organisation"
    )
    person_name: str | None = Field(default=None, max_length=200)
    email: str | None = Field(default=None, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")
    phone: str | None = Field(default=None, max_length=40)
    attributes: dict[Slug, Scalar] = Field(
        default_factory=dict,
        description="Further fields that a fit rule may name; no personal data. "
        f"{', '.join(TRUTH_ATTRIBUTES)} are true, false or null",
    )

    @field_validator("attributes")
    @classmethod
    def _flags_are_booleans(cls, attributes: dict[str, Scalar]) -> dict[str, Scalar]:
        for name in TRUTH_ATTRIBUTES:
            if not isinstance(attributes.get(name), bool | None):
                raise ValueError(  # noqa: TRY004 - pydantic reports a ValueError only
                    f"{name} should be true, false or null"
                )
        return attributes

    @model_validator(mode="after")
    def _has_a_field(self) -> "ProfileChanged":
        if self.model_fields_set <= {"lead_id"}:
            raise ValueError("names no field to change; give at least one, such as department")
        return self


class OutcomeRecorded(EventData):
    """An opportunity with this lead ended: the label that scores are judged by."""

    TYPE: ClassVar[str] = "jp.kakehashi.lead.outcome_recorded.v1"

    lead_id: LeadId
    outcome: Outcome
    amount_yen: int | None = Field(
        default=None,
        ge=0,
        le=10**15,  # what every reader's numbers hold exactly, and a database's integers at all
        description="Contract value in yen",
    )
    reason: str | None = Field(default=None, max_length=500)


class LeadMerged(EventData):
    """Two records of a CRM were one person: one id goes, the other one stays.

    From then on whatever was and is said of the id that goes is said of the one that stays; of
    several values of a field the one with the latest ``time`` wins. An id goes into one other id
    only, and nothing takes it back.
    """

    TYPE: ClassVar[str] = "jp.kakehashi.lead.merged.v1"

    lead_id: LeadId = Field(description="The id that goes; holds no personal data")
    into_lead_id: LeadId = Field(
        description="The id that stays; holds no personal data", examples=["crm-48213"]
    )

    @field_validator("into_lead_id")
    @classmethod
    def _is_another(cls, into_lead_id: str, info: ValidationInfo) -> str:
        if into_lead_id == info.data.get("lead_id"):
            raise ValueError("should be another id than lead_id: nothing merges into itself")
        return into_lead_id


LeadEventData = ActivityRecorded | ProfileChanged | OutcomeRecorded | LeadMerged
