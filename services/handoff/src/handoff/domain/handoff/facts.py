"""Facts of a handoff: the events of ``handoffs-v1`` and the lines of its history.

``kind`` tells the facts apart where they are stored. ``at`` is when it happened; a contact may be
recorded later than it was made. ``by`` is a member's id or that of a program, never a name.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from handoff.domain.assignment.choice import Basis
from handoff.domain.assignment.eligibility import Exclusion
from handoff.domain.handoff.rejections import Consequence, RejectionReason
from handoff.domain.handoff.terms import (
    ClockName,
    Direction,
    Level,
    Outcome,
    PauseReason,
    ReassignReason,
)
from handoff.domain.readiness import Answer, Criterion
from handoff.domain.teams.members import Function


@dataclass(frozen=True, slots=True)
class ClockResult:
    """A clock that has been stopped."""

    name: ClockName
    started_at: datetime
    stopped_at: datetime
    due_at: datetime
    """By the policy in force when it was stopped, and without the pauses."""
    kept: bool


@dataclass(frozen=True, slots=True)
class UnassignedReason:
    """The number of members of the right role whom one obstacle excludes from the handoff."""

    exclusion: Exclusion
    members: int


@dataclass(frozen=True, slots=True)
class Requested:
    """A handoff has begun."""

    at: datetime
    by: str
    grade: str | None = None
    sender: str | None = None
    qualification_id: str | None = None
    kind: Literal["requested"] = "requested"


@dataclass(frozen=True, slots=True)
class Joined:
    """The lead was qualified again: the qualification joined the open handoff."""

    at: datetime
    qualification_id: str
    grade: str | None
    kind: Literal["joined"] = "joined"


@dataclass(frozen=True, slots=True)
class LeadAnswered:
    """Inside sales answered the lead for the first time."""

    at: datetime
    by: str
    clock: ClockResult
    kind: Literal["lead_answered"] = "lead_answered"


@dataclass(frozen=True, slots=True)
class Assigned:
    """Somebody is asked to accept."""

    at: datetime
    member_id: str
    answer_by: datetime
    """By the policy in force at that time."""
    clock: ClockResult
    basis: Basis | None = None
    """``None``: a person decided."""
    kind: Literal["assigned"] = "assigned"


@dataclass(frozen=True, slots=True)
class Unassigned:
    """Nobody is eligible."""

    at: datetime
    reasons: tuple[UnassignedReason, ...]
    """Empty: there is no member of that role."""
    kind: Literal["unassigned"] = "unassigned"


@dataclass(frozen=True, slots=True)
class Accepted:
    """The owner takes it on."""

    at: datetime
    member_id: str
    clock: ClockResult
    implied: bool = False
    """The first contact or the meeting said so."""
    kind: Literal["accepted"] = "accepted"


@dataclass(frozen=True, slots=True)
class Rejected:
    """The owner doesn't take it on, or not any longer."""

    at: datetime
    member_id: str
    reason: RejectionReason
    consequence: Consequence
    after_acceptance: bool
    clock: ClockResult | None = None
    """Of the answer; ``None`` after acceptance."""
    note: str = ""
    kind: Literal["rejected"] = "rejected"


@dataclass(frozen=True, slots=True)
class Recycled:
    """It rests until a day, or a budget phase before that."""

    at: datetime
    until: date
    phase: str | None = None
    kind: Literal["recycled"] = "recycled"


@dataclass(frozen=True, slots=True)
class Woken:
    """It has rested; an assignment is wanted again."""

    at: datetime
    by: str
    phase: str | None = None
    kind: Literal["woken"] = "woken"


@dataclass(frozen=True, slots=True)
class Returned:
    """The sender has to supply these facts."""

    at: datetime
    by: str
    missing_facts: tuple[str, ...]
    kind: Literal["returned"] = "returned"


@dataclass(frozen=True, slots=True)
class Resubmitted:
    """The sender has supplied them."""

    at: datetime
    by: str
    supplied_facts: tuple[str, ...]
    clock: ClockResult
    kind: Literal["resubmitted"] = "resubmitted"


@dataclass(frozen=True, slots=True)
class Disqualified:
    """Nothing is to be sold here."""

    at: datetime
    by: str
    reason: RejectionReason
    kind: Literal["disqualified"] = "disqualified"


@dataclass(frozen=True, slots=True)
class Reminded:
    """Somebody was reminded of what is due."""

    at: datetime
    clock: ClockName
    member_id: str | None
    due_at: datetime
    kind: Literal["reminded"] = "reminded"


@dataclass(frozen=True, slots=True)
class Escalated:
    """The team's lead or the manager was told that something is overdue, or can't be assigned."""

    at: datetime
    clock: ClockName
    level: Level
    member_id: str | None
    """The member who was expected to do it."""
    due_at: datetime
    repetition: int = 0
    """The number of times that this level had been notified before."""
    kind: Literal["escalated"] = "escalated"


@dataclass(frozen=True, slots=True)
class FirstContactMade:
    """The customer was contacted."""

    at: datetime
    member_id: str
    clock: ClockResult
    activity_id: str | None = None
    """The seller's activity from which it was recognised; ``None``: a person said so."""
    kind: Literal["first_contact_made"] = "first_contact_made"


@dataclass(frozen=True, slots=True)
class MeetingHeld:
    """The first meeting took place."""

    at: datetime
    member_id: str
    clock: ClockResult
    activity_id: str | None = None
    kind: Literal["meeting_held"] = "meeting_held"


@dataclass(frozen=True, slots=True)
class Reassigned:
    """It was taken from its owner, or given to somebody by hand."""

    at: datetime
    by: str
    reason: ReassignReason
    from_member: str | None
    to_member: str | None
    """``None``: the assignment decides."""
    note: str = ""
    kind: Literal["reassigned"] = "reassigned"


@dataclass(frozen=True, slots=True)
class FurtherOwnerNamed:
    """Somebody is responsible for a function, or (``None``) nobody is any longer."""

    at: datetime
    by: str
    function: Function
    member_id: str | None
    kind: Literal["further_owner_named"] = "further_owner_named"


@dataclass(frozen=True, slots=True)
class Paused:
    """The clocks stand still until ``Resumed``, or whatever else moves the handoff on."""

    at: datetime
    by: str
    reason: PauseReason
    until: datetime
    """Its limit."""
    note: str = ""
    kind: Literal["paused"] = "paused"


@dataclass(frozen=True, slots=True)
class Resumed:
    """The clocks run again."""

    at: datetime
    by: str
    kind: Literal["resumed"] = "resumed"


@dataclass(frozen=True, slots=True)
class Rated:
    """One side rated the other, or changed its rating."""

    at: datetime
    by: str
    direction: Direction
    score: int
    """1 (poor) to 5 (excellent)."""
    reason: str
    changed: bool = False
    kind: Literal["rated"] = "rated"


@dataclass(frozen=True, slots=True)
class ReadinessOverridden:
    """A person answered a criterion of readiness instead of the rule."""

    at: datetime
    by: str
    criterion: Criterion
    answer: Answer
    reason: str
    kind: Literal["readiness_overridden"] = "readiness_overridden"


@dataclass(frozen=True, slots=True)
class Closed:
    """The deal has an outcome."""

    at: datetime
    by: str
    outcome: Outcome
    reason: str = ""
    deal_id: str | None = None
    """The deal whose outcome it is; ``None``: a person said so."""
    kind: Literal["closed"] = "closed"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """It shouldn't have been handed off, or can't be any longer."""

    at: datetime
    by: str
    reason: str
    kind: Literal["withdrawn"] = "withdrawn"


Fact = (
    Requested
    | Joined
    | LeadAnswered
    | Assigned
    | Unassigned
    | Accepted
    | Rejected
    | Recycled
    | Woken
    | Returned
    | Resubmitted
    | Disqualified
    | Reminded
    | Escalated
    | FirstContactMade
    | MeetingHeld
    | Reassigned
    | FurtherOwnerNamed
    | Paused
    | Resumed
    | Rated
    | ReadinessOverridden
    | Closed
    | Withdrawn
)
