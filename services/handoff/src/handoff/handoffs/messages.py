"""The inputs and answers of a handoff's workflow and its activities."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handoff.domain.handoff.clocks import due_at
from handoff.domain.handoff.commands import Assign, LeaveUnassigned, Request
from handoff.domain.handoff.effects import Decision, Notify
from handoff.domain.handoff.facts import Fact
from handoff.domain.handoff.narrative import summary
from handoff.domain.handoff.policy import ClockPolicy, Sla
from handoff.domain.handoff.service_levels import ServiceLevels
from handoff.domain.handoff.state import HandoffState
from handoff.domain.teams.members import Role
from handoff.domain.teams.working_time import WorkingHours


@dataclass(frozen=True, slots=True)
class Handoff:
    """The input of a run; a first run gives the request alone."""

    request: Request
    state: HandoffState | None = None
    levels: ServiceLevels | None = None


@dataclass(frozen=True, slots=True)
class HandoffStatus:
    """The state of a handoff, in a few words for programs and a sentence for people."""

    handoff_id: str
    version: int
    status: str
    owner: str | None
    joined: bool
    """Whether the request joined a handoff that was open already."""
    ja: str


@dataclass(frozen=True, slots=True)
class ReadServiceLevels:
    """The request for the working hours and the policy in force."""

    request: Request
    grade: str | None
    owner: str | None
    now: datetime
    must_be_member: bool = False
    """Whether somebody named the owner."""
    must_have: Role | None = None
    """The role that the named owner has to have."""
    begins: bool = False
    """Whether the workflow begins, and needs the state in which an earlier one ended."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The information that a workflow needs to begin."""

    levels: ServiceLevels
    stored: HandoffState | None
    """The last state of a workflow of the same id that was terminated."""


@dataclass(frozen=True, slots=True)
class AssignmentResult:
    """The member found, with their working hours."""

    command: Assign | LeaveUnassigned
    owner: WorkingHours | None


@dataclass(frozen=True, slots=True)
class ReleaseAssignment:
    """An assignment that the handoff no longer wanted when it was made."""

    handoff_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Something that somebody did to a handoff, for the audit."""

    who: str
    what: str
    origin: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RecordedDecision:
    """The state after a decision, and what followed from it, each with its position."""

    state: HandoffState
    at: datetime
    facts: tuple[tuple[int, Fact], ...]
    notices: tuple[tuple[int, Notify], ...]
    audit: AuditRecord | None = None

    def identity(self, position: int) -> str:
        """Return the unique identity of the effect at a position; see ``Decision.identified``."""
        return f"{self.state.handoff_id}/{self.state.version}/{position}"

    @classmethod
    def of(cls, decision: Decision, at: datetime, audit: AuditRecord | None) -> "RecordedDecision":
        """Return what is recorded of a decision."""
        positions = list(enumerate(decision.effects))
        return cls(
            decision.state,
            at,
            tuple((n, each) for n, each in positions if isinstance(each, Fact)),
            tuple((n, each) for n, each in positions if isinstance(each, Notify)),
            audit,
        )


@dataclass(frozen=True, slots=True)
class RecordHandoff:
    """Decisions that are to be recorded together, the oldest first.

    None: only what is due has changed, with the working hours or the policy.
    """

    handoff_id: str
    decisions: tuple[RecordedDecision, ...]
    next_due_at: datetime | None
    assign_by: ClockPolicy | None = None
    """The policy by which to find an owner for the last decision; ``None``: none is wanted."""


@dataclass(frozen=True, slots=True)
class HandoffRecorded:
    """The result of recording decisions."""

    opened_elsewhere: bool = False
    """Whether another handoff of the lead and kind is open: nothing was stored."""
    assigned: AssignmentResult | None = None
    """The owner that was found, if one was wanted."""


def status_of(state: HandoffState, sla: Sla, *, joined: bool = False) -> HandoffStatus:
    """Return where a handoff stands."""
    return HandoffStatus(
        state.handoff_id,
        state.version,
        state.status.value,
        state.owner,
        joined,
        summary(state, sla),
    )


def next_due_at(state: HandoffState, sla: Sla) -> datetime | None:
    """Return when the first of its running clocks is due; ``None`` if none runs."""
    if state.pause or state.recycle:
        return None
    return min((due_at(state, clock, sla) for clock in state.running), default=None)
