"""The commands to a handoff: of a person, another system, the assignment, the clock.

:func:`~handoff.domain.handoff.checks.check` checks a command at the edge where it arrives, and
again when it is decided, so that none of them fails a workflow.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from handoff.domain.assignment.choice import Basis
from handoff.domain.handoff.facts import UnassignedReason
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import (
    ClockName,
    Direction,
    Kind,
    Level,
    Outcome,
    PauseReason,
    ReassignReason,
)
from handoff.domain.readiness import Answer, Criterion
from handoff.domain.teams.members import Function

CLOCK: Final = "clock"
"""The author of commands that are due by themselves."""

TEMPORAL: Final = "temporal"
"""The origin of a message that names none: sent in the Temporal UI or by another client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Base of messages from outside."""

    origin: str = TEMPORAL
    """The origin of the message, such as an address or a topic."""


@dataclass(frozen=True, slots=True)
class Request(Message):
    """A lead is handed off."""

    handoff_id: str
    lead_id: str
    kind: Kind
    by: str
    municipality_code: str | None = None
    grade: str | None = None
    complexity: int = 1
    """The part of a member's capacity that it takes up, 1–100."""
    skills: tuple[str, ...] = ()
    policy_area: str | None = None
    sender: str | None = None
    """The member who hands it off; ``None``: the sending team."""
    to: str | None = None
    """The member who shall receive it; ``None``: the assignment decides."""
    qualification_id: str | None = None
    lead_created_at: datetime | None = None
    """When the lead or enquiry came in; ``None``: no answer to it is awaited."""
    lead_answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Join(Message):
    """The lead qualified again."""

    qualification_id: str
    by: str
    grade: str | None = None


@dataclass(frozen=True, slots=True)
class AnswerLead(Message):
    """Inside sales answered the lead for the first time."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Assign:
    """The assignment's result: this member."""

    attempt: int
    member_id: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class LeaveUnassigned:
    """The assignment's result: nobody is eligible."""

    attempt: int
    reasons: tuple[UnassignedReason, ...]


@dataclass(frozen=True, slots=True)
class Accept(Message):
    """The owner takes it on."""

    by: str


@dataclass(frozen=True, slots=True)
class Reject(Message):
    """The owner doesn't take it on; ``reason`` says what follows and what else must be given."""

    by: str
    reason: RejectionReason
    until: date | None = None
    """For a recycle: the day in Japan on which it wakes, at the latest."""
    phase: str | None = None
    """For a recycle: the budget phase that wakes it."""
    missing_facts: tuple[str, ...] = ()
    """For a return: the packet's fields, or questions in a few words."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecordContact(Message):
    """The customer was contacted."""

    at: datetime
    by: str
    activity_id: str | None = None
    """The seller's activity from which it is recognised."""


@dataclass(frozen=True, slots=True)
class RecordMeeting(Message):
    """A meeting took place."""

    at: datetime
    by: str
    activity_id: str | None = None


@dataclass(frozen=True, slots=True)
class Resubmit(Message):
    """The sender has supplied the missing facts, in the packet."""

    by: str
    supplied_facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PauseClocks(Message):
    """Nothing can be expected until an instant."""

    by: str
    reason: PauseReason
    until: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Resume(Message):
    """The pause is over."""

    by: str


@dataclass(frozen=True, slots=True)
class Reassign(Message):
    """It is taken from its owner."""

    by: str
    reason: ReassignReason
    from_member: str | None
    """The owner as the caller knows it: a repeated command then changes nothing."""
    to: str | None = None
    """``None``: the assignment decides."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class NameFurtherOwner(Message):
    """Somebody is responsible for a function; ``None``: nobody is any longer."""

    by: str
    function: Function
    member_id: str | None


@dataclass(frozen=True, slots=True)
class Rate(Message):
    """One side rates the other."""

    by: str
    direction: Direction
    score: int
    reason: str


@dataclass(frozen=True, slots=True)
class OverrideReadiness(Message):
    """A person answers a criterion of readiness instead of the rule."""

    by: str
    criterion: Criterion
    answer: Answer
    reason: str


@dataclass(frozen=True, slots=True)
class Close(Message):
    """The deal has an outcome."""

    by: str
    outcome: Outcome
    reason: str = ""
    deal_id: str | None = None
    """The deal that says so; ``None``: a person does."""


@dataclass(frozen=True, slots=True)
class Withdraw(Message):
    """It shouldn't have been handed off, or can't be any longer."""

    by: str
    reason: str
    in_favour_of: str | None = None
    """Another handoff of the person, which goes on; only while nobody has accepted this one."""


@dataclass(frozen=True, slots=True)
class Wake(Message):
    """The rest is over."""

    by: str


@dataclass(frozen=True, slots=True)
class PhaseEntered(Message):
    """The municipality entered a budget phase: it wakes what rests until that phase."""

    phase: str
    began_on: date
    by: str


@dataclass(frozen=True, slots=True)
class Remind:
    """The clock: something is due soon."""

    clock: ClockName


@dataclass(frozen=True, slots=True)
class Escalate:
    """The clock: something is overdue."""

    clock: ClockName
    level: Level


@dataclass(frozen=True, slots=True)
class TryAssignment:
    """The clock: nobody was eligible, or no result came."""

    teams_changed: bool = False
    """Somebody may be eligible now, before it is due."""


FromClock = Remind | Escalate | TryAssignment | Reassign | Wake | Resume
Command = (
    Join
    | AnswerLead
    | Assign
    | LeaveUnassigned
    | Accept
    | Reject
    | RecordContact
    | RecordMeeting
    | Resubmit
    | PauseClocks
    | NameFurtherOwner
    | Rate
    | OverrideReadiness
    | Close
    | Withdraw
    | PhaseEntered
    | FromClock
)
