"""Leads, as the API shows them."""

from datetime import date
from typing import Any

from pydantic import Field

from handoff.domain.lead import Lead, LeadField
from handoff.leads.service import Export
from kakehashi_common.http.fields import JapanTime
from kakehashi_common.http.requests import ResponseBody


class KnownOut(ResponseBody):
    """The newest value of one field of the profile."""

    value: str
    source: str
    at: JapanTime = Field(description="When the event that says so happened")


class ActivityOut(ResponseBody):
    """A key event."""

    kind: str
    label: str
    category: str | None
    at: JapanTime
    source: str


class FollowupOut(ResponseBody):
    """A mail that followup has sent, or the lead's reaction."""

    kind: str = Field(description="sent, answered, negative, meeting_booked, opted_out or bounced")
    label: str
    playbook_id: str
    step_id: str | None = Field(description="Of a mail")
    at: JapanTime


class ReasonOut(ResponseBody):
    """One line of the score's explanation."""

    label: str
    points: float
    count: int | None
    last_on: date | None


class ScoreOut(ResponseBody):
    """The newest score, with its strongest reasons first."""

    grade: str
    fit: float
    engagement: float
    at: JapanTime
    reasons: list[ReasonOut]


class PhaseOut(ResponseBody):
    """The phase of the budget year that the municipality is in."""

    phase: str
    label: str
    ends_likely_on: date


class MilestoneOut(ResponseBody):
    """A date of the budget year that is still to come."""

    label: str
    likely_on: date
    latest_on: date


class PursuitOut(ResponseBody):
    """The outcome of a pursuit in the municipality."""

    pursuit_id: str
    policy_area: str
    budgeted: bool = Field(description="Whether the money is there; false: it was cut")
    decided_on: date
    fiscal_year: int | None
    amount_yen: int | None
    proposed_next: str | None


class PersonOut(ResponseBody):
    """Somebody of the municipality who was active in the last 90 days."""

    lead_id: str
    role: str | None
    department: str | None
    name: str | None
    last_activity_at: JapanTime


class LeadOut(ResponseBody):
    """Everything that handoff knows of a lead."""

    lead_id: str
    municipality_code: str | None
    municipality: str | None
    profile: dict[LeadField, KnownOut]
    score: ScoreOut | None
    last_contact_at: JapanTime | None
    activities: list[ActivityOut] = Field(description="Key events, the newest first")
    followups: list[FollowupOut] = Field(description="The newest first")
    phase: PhaseOut | None
    milestones: list[MilestoneOut] = Field(description="The next three")
    pursuits: list[PursuitOut] = Field(description="The newest five")
    people: list[PersonOut] = Field(description="Whoever decides most first")

    @classmethod
    def of(cls, lead: Lead) -> "LeadOut":
        """Show it."""
        return cls.model_validate(
            {
                **{name: getattr(lead, name) for name in _SAME},
                "profile": lead.fields or {},
                "activities": [
                    {
                        "kind": each.kind,
                        "label": each.name,
                        "category": each.category,
                        "at": each.at,
                        "source": each.source,
                    }
                    for each in lead.activities
                ],
                "followups": [
                    {
                        "kind": each.kind,
                        "label": each.name,
                        "playbook_id": each.playbook_id,
                        "step_id": each.step_id,
                        "at": each.at,
                    }
                    for each in lead.followups
                ],
            },
            from_attributes=True,
        )


_SAME = (
    "lead_id",
    "municipality_code",
    "municipality",
    "score",
    "last_contact_at",
    "phase",
    "milestones",
    "pursuits",
    "people",
)


class WrittenOut(ResponseBody):
    """A text that somebody has written into a field of a packet."""

    field: str
    text: str
    source: str = Field(description="The member's id")
    at: JapanTime


class PersonalDataOut(ResponseBody):
    """Everything that handoff holds about the person behind a lead."""

    lead: LeadOut
    packets: dict[str, list[WrittenOut]] = Field(
        description="What people have written into packets, by handoff"
    )
    held: dict[str, list[dict[str, Any]]] = Field(
        description="All of it row by row as it is stored, by table; notes and reasons in what has "
        "happened to their handoffs, and what sellers did, too"
    )

    @classmethod
    def of(cls, exported: Export) -> "PersonalDataOut":
        """Show it."""
        return cls(
            lead=LeadOut.of(exported.lead),
            packets={
                handoff_id: [
                    WrittenOut(
                        field=each["key"], text=each["text"], source=each["source"], at=each["at"]
                    )
                    for each in entries
                ]
                for handoff_id, entries in exported.packets.items()
            },
            held=dict(exported.held),
        )


class ErasedLeadOut(ResponseBody):
    """The amount of data that was erased."""

    leads: int = Field(description="1; 0 if nothing was known")
    packets: int = Field(description="Packets of its handoffs whose texts were erased")
