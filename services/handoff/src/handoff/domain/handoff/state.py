"""The state of a handoff: one value that can be stored, read and continued."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from handoff.domain.handoff.facts import Fact, UnassignedReason
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import (
    ENDED,
    ClockName,
    Direction,
    Kind,
    Level,
    Outcome,
    PauseReason,
    ReassignReason,
    Status,
)
from handoff.domain.readiness import Override
from handoff.domain.teams.members import Function

HISTORY_KEPT: Final = 100
"""Facts that a handoff keeps, the newest; ``handoffs-v1`` has them all."""

QUALIFICATIONS_KEPT: Final = 50
"""Qualifications by which a repeated one is recognised, the newest."""

FORMER_KEPT: Final = 50
"""Former owners and rejections that a handoff keeps, the newest."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Records that a level was notified of a clock, so that nobody is notified twice."""

    level: Level
    at: datetime
    """The last time."""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Clock:
    """A step that is expected since an instant. The policy in force decides when it is due."""

    name: ClockName
    started_at: datetime
    stopped_at: datetime | None = None
    notices: tuple[Notice, ...] = ()

    def notice(self, level: Level) -> Notice | None:
        """Return the notice that a level got; ``None``: it got none yet."""
        return next((each for each in self.notices if each.level is level), None)


@dataclass(frozen=True, slots=True)
class Pause:
    """An interval in which no clock runs."""

    reason: PauseReason
    started_at: datetime
    until: datetime
    """The limit at which it ends by itself."""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recycle:
    """The time for which a handoff rests."""

    since: datetime
    until: date
    """The day in Japan on which it ends in any case."""
    phase: str | None = None
    """The budget phase that ends it earlier."""


@dataclass(frozen=True, slots=True)
class FurtherOwner:
    """A member responsible for one function beside the owner."""

    function: Function
    member_id: str


@dataclass(frozen=True, slots=True)
class FormerOwner:
    """A member who had the handoff before, and the reason why they lost it."""

    member_id: str
    until: datetime
    reason: ReassignReason | RejectionReason
    round: int


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rejection, by which a repeated one is recognised."""

    by: str
    reason: RejectionReason
    until: date | None
    phase: str | None
    missing_facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rating:
    """One side's rating of the other's work on this handoff."""

    direction: Direction
    score: int
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HandoffState:
    """Everything about one handoff. Times are timezone-aware; no field holds personal data."""

    handoff_id: str
    lead_id: str
    kind: Kind
    requested_at: datetime
    municipality_code: str | None = None
    grade: str | None = None
    """The newest one of the lead's qualifications."""
    complexity: int = 1
    skills: tuple[str, ...] = ()
    policy_area: str | None = None
    sender: str | None = None
    """Whoever qualified the lead; ``None``: an event did, and the sending team takes the part."""
    version: int = 0
    """Counts the decisions that changed something."""
    status: Status = Status.REQUESTED
    round: int = 1
    """1, and one more each time it wakes from a recycle."""

    attempt: int = 0
    """The number of the assignment that is wanted, or was made last."""
    assignment_wanted_at: datetime | None = None
    preferred: str | None = None
    """Members whom the assignment should prefer, since they know this lead."""
    unassigned_reasons: tuple[UnassignedReason, ...] = ()
    reassignments: int = 0
    """The number of times that its time to accept has passed in this round."""

    owner: str | None = None
    """Of an ended handoff: the last one."""
    further_owners: tuple[FurtherOwner, ...] = ()
    former_owners: tuple[FormerOwner, ...] = ()
    assigned_at: datetime | None = None
    accepted_at: datetime | None = None
    contacted_at: datetime | None = None
    met_at: datetime | None = None
    lead_created_at: datetime | None = None
    lead_answered_at: datetime | None = None

    clocks: tuple[Clock, ...] = ()
    """The newest of each name in this round."""
    pauses: tuple[Pause, ...] = ()
    """Of this round, in order and without overlap; only the last can be open."""

    recycle: Recycle | None = None
    missing_facts: tuple[str, ...] = ()
    """The facts that the sender has to supply while returned, or supplied last."""
    rejections: tuple[Rejection, ...] = ()
    ratings: tuple[Rating, ...] = ()
    overrides: tuple[Override, ...] = ()
    """Of readiness, the newest of each criterion; kept to be compared with the outcome."""
    qualifications: tuple[str, ...] = ()

    ended_at: datetime | None = None
    outcome: Outcome | None = None
    deal_id: str | None = None
    history: tuple[Fact, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing follows but ratings."""
        return self.status in ENDED

    @property
    def pause(self) -> Pause | None:
        """The pause that stops the clocks now."""
        last = self.pauses[-1] if self.pauses else None
        return last if last and last.ended_at is None else None

    @property
    def running(self) -> tuple[Clock, ...]:
        """The clocks that haven't been stopped; a pause holds them."""
        return tuple(clock for clock in self.clocks if clock.stopped_at is None)

    def clock(self, name: ClockName) -> Clock | None:
        """Return the newest clock of that name in this round."""
        return next((clock for clock in self.clocks if clock.name is name), None)

    @property
    def excluded(self) -> tuple[str, ...]:
        """Members who can't get it again in this round: they gave it away, or let the time pass."""
        found = {
            former.member_id: None
            for former in self.former_owners
            if former.round == self.round
            and former.reason not in _MAY_RECEIVE_IT_AGAIN
            and former.member_id != self.preferred
        }
        return tuple(found)

    @property
    def owners(self) -> tuple[str, ...]:
        """The owner and the further owners."""
        further = (each.member_id for each in self.further_owners)
        return tuple(dict.fromkeys((*([self.owner] if self.owner else []), *further)))


_MAY_RECEIVE_IT_AGAIN: Final = frozenset(
    {
        ReassignReason.MEMBER_ABSENT,
        RejectionReason.FACTS_MISSING,
    }
)
