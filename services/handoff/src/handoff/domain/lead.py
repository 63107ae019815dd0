"""A lead when it is handed over, as known from the events of other services."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.japanese_names import activity_name

PEOPLE_WITHIN: Final = timedelta(days=90)
"""The time for which a person counts as involved after their last activity. Common practice."""

CONTACTS: Final = frozenset(
    {
        "call_answered",
        "form_submitted",
        "mail_answered",
        "meeting_held",
        "reference_quote_requested",
        "rfi_received",
        "rfp_received",
    }
)
"""Activities in which seller and lead exchanged something, so that they count as a contact."""

MINOR: Final = frozenset({"page_viewed", "mail_opened", "mail_clicked"})
"""Activities that count in the score and keep a person involved, but are not key events."""

FOLLOWUPS: Final[Mapping[str, str]] = {
    "sent": "メール送信",
    "answered": "返信あり",
    "negative": "辞退の返信",
    "meeting_booked": "面談が決定",
    "opted_out": "配信停止の申し出",
    "bounced": "メール不達",
}
"""The kinds of follow-ups that are shown, with their Japanese names."""

DECISION_ROLES: Final[Mapping[str, str]] = {
    "head": "首長・副首長",
    "finance": "財政担当",
    "manager": "管理職",
    "council": "議員",
    "officer": "担当者",
    "other": "その他",
}
"""The parts in a decision, with their Japanese names; the more influential first."""


class LeadField(StrEnum):
    """The fields of a lead's profile that are kept: those in packets, no addresses or numbers."""

    MUNICIPALITY_CODE = "municipality_code"
    DEPARTMENT = "department"
    ROLE = "role"
    PERSON_NAME = "person_name"
    CONSENT = "consent"
    """From the profile's attribute ``consent``: whether there is a ground for writing to them."""


@dataclass(frozen=True, slots=True)
class Known:
    """The newest value of one field, and who said so when."""

    value: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Activity:
    """Something that the lead did."""

    kind: str
    category: str | None
    at: datetime
    source: str

    @property
    def name(self) -> str:
        """The Japanese name; an unknown kind is shown as it is."""
        return activity_name(self.kind)


@dataclass(frozen=True, slots=True)
class Followup:
    """A mail that followup has sent, or the lead's reaction."""

    kind: str
    """One of :data:`FOLLOWUPS`."""
    at: datetime
    playbook_id: str
    step_id: str | None
    """Of a mail."""
    source: str

    @property
    def name(self) -> str:
        """The Japanese name."""
        return FOLLOWUPS[self.kind]


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the score's explanation."""

    label: str
    points: float
    count: int | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """The newest score, 0–100 in both dimensions, with its strongest reasons first."""

    grade: str
    fit: float
    engagement: float
    at: datetime
    source: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """The phase of the budget year that the municipality is in."""

    phase: str
    label: str
    ends_likely_on: date
    at: datetime
    """When it was announced."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """A date of the budget year that is still to come."""

    label: str
    likely_on: date
    latest_on: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Pursuit:
    """The outcome of a pursuit (予算化の案件) in the municipality."""

    pursuit_id: str
    policy_area: str
    budgeted: bool
    """Whether the money is there; otherwise it was cut."""
    decided_on: date
    at: datetime
    fiscal_year: int | None = None
    """The year whose budget holds the money."""
    amount_yen: int | None = None
    proposed_next: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the municipality who was active lately; the lead is one of them."""

    lead_id: str
    last_activity_at: datetime
    role: str | None = None
    department: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Lead:
    """Everything that is known of one lead; unknown fields are empty."""

    lead_id: str
    municipality_code: str | None = None
    municipality: str | None = None
    """Its name with the prefecture."""
    fields: Mapping[LeadField, Known] | None = None
    activities: tuple[Activity, ...] = ()
    """Key events, the newest first."""
    followups: tuple[Followup, ...] = ()
    """The newest first."""
    last_contact_at: datetime | None = None
    score: Score | None = None
    phase: Phase | None = None
    milestones: tuple[Milestone, ...] = ()
    """Those to come, the next first."""
    pursuits: tuple[Pursuit, ...] = ()
    """The newest first."""
    people: tuple[Person, ...] = ()
    """People active in the last :data:`PEOPLE_WITHIN`, the most influential first."""

    def field(self, name: LeadField) -> Known | None:
        """Return what is known of a field."""
        return (self.fields or {}).get(name)


def by_weight(people: Iterable[Person]) -> tuple[Person, ...]:
    """Return people in the order of their part in the decision, then by the newest activity."""
    order = {role: number for number, role in enumerate(DECISION_ROLES)}
    return tuple(
        sorted(
            people,
            key=lambda each: (
                order.get(each.role or "", len(order)),
                -each.last_activity_at.timestamp(),
                each.lead_id,
            ),
        )
    )
