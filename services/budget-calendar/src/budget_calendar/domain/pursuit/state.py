"""The state of a pursuit: one value that can be stored, read and continued."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from budget_calendar.domain.goals import PursuitGoal
from budget_calendar.domain.routes.route import Route, Step
from budget_calendar.domain.stages import (
    BESIDE_THE_BUDGET,
    DECIDED_BY_OTHERS,
    PREPARING,
    Outcome,
    Stage,
)
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text

HISTORY_KEPT: Final = 200
"""Entries that are kept, the newest: a decade of an eventful pursuit has about a hundred."""


class Status(StrEnum):
    """Whether something is expected of somebody."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Ending(StrEnum):
    """The outcome of a closed pursuit."""

    COMPLETED = "completed"
    """The one-off work is done."""
    RENEWED = "renewed"
    NOT_RENEWED = "not_renewed"
    TERMINATED = "terminated"
    """The contract ended before its time."""
    LOST = "lost"
    """Somebody else got the contract."""
    CANCELLED = "cancelled"


class Level(StrEnum):
    """The urgency of a reminder about a missing confirmation."""

    REMINDER = "reminder"
    ESCALATION = "escalation"


class ReplanReason(StrEnum):
    """Why new routes have been asked for."""

    SET_BACK = "set_back"
    """The route failed."""
    UNANSWERED = "unanswered"
    """Nobody has confirmed a stage, in spite of reminder and escalation."""
    GOAL_REVISED = "goal_revised"
    RESUMED = "resumed"
    NO_ROUTE = "no_route"
    """No route was feasible when it was last planned."""


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """Business days after a step's date until the owner is reminded. Common practice, adjustable.

    Raises:
        DomainError: the days are not 0 ≤ reminder < escalation, or review is below 1.
    """

    reminder: int = 3
    escalation: int = 10
    review: int = 20
    """Between an escalation nobody answers and the next look, and again after that."""

    def __post_init__(self) -> None:
        if not 0 <= self.reminder < self.escalation:
            raise DomainError(
                f"patience needs 0 ≤ reminder < escalation, not {self.reminder}, {self.escalation}",
                field="escalation",
                code="patience_out_of_order",
            )
        if self.review < 1:
            raise DomainError(
                f"review must be at least 1 business day, not {self.review}",
                field="review",
                code="patience_out_of_order",
            )


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A person's statement about a stage."""

    stage: Stage
    outcome: Outcome
    on: date
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class SentReminder:
    """A reminder that was sent about a step's date, so that none is sent twice."""

    stage: Stage
    level: Level
    confirmed_by: date
    on: date


class HistoryEntryKind(StrEnum):
    """The kind of an entry in a pursuit's history."""

    OPENED = "opened"
    ROUTE_TAKEN = "route_taken"
    CONFIRMED = "confirmed"
    PASSED_OVER = "passed_over"
    """A later stage was confirmed, this one never."""
    RESTORATION_OPEN = "restoration_open"
    SET_BACK = "set_back"
    LAPSED = "lapsed"
    """The route was given up because its time passed or it no longer fits."""
    DATES_MOVED = "dates_moved"
    GOAL_REVISED = "goal_revised"
    PAUSED = "paused"
    RESUMED = "resumed"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    NO_ROUTE = "no_route"
    SUCCESSOR_OPENED = "successor_opened"
    REFUSED = "refused"
    """A message that nobody waits for an answer to was refused; ``note`` says why."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One thing that happened to a pursuit."""

    kind: HistoryEntryKind
    on: date
    """The day it happened; for a confirmation the day that was confirmed."""
    stage: Stage | None = None
    outcome: Outcome | None = None
    route: Text | None = None
    due: date | None = None
    by: str = ""
    note: str = ""
    note_ja: str = ""
    """The note for a Japanese reader, of a refusal; people's own notes are in ``note`` alone."""


@dataclass(frozen=True, slots=True)
class PursuitState:
    """The whole state of one pursuit."""

    pursuit_id: str
    municipality_code: str
    owner: str
    """Team or staff number, never a name."""
    opened_on: date
    goal: PursuitGoal
    patience: ReminderPolicy
    version: int = 0
    """Counts accepted commands: with the position of an effect it makes a stable event id."""
    status: Status = Status.ACTIVE
    routes: tuple[Route, ...] = ()
    """As last planned. Of those that nobody can take the steps are left out."""
    route: Route | None = None
    confirmed: tuple[Confirmation, ...] = ()
    """On the present route, and what stays done on any route."""
    tried: tuple[str, ...] = ()
    """Routes that failed."""
    cut_on: date | None = None
    """Set between a cut at assessment and what becomes of its restoration."""
    awaited: ReplanReason | None = None
    plan_due_on: date | None = None
    """When to ask for new routes again; with ``awaited``."""
    review_on: date | None = None
    """When to look again although nothing is dated: no route, or nobody answers."""
    begun: tuple[Stage, ...] = ()
    """Stages of the route that the owner has been asked to begin."""
    told: tuple[SentReminder, ...] = ()
    paused_until: date | None = None
    contract_from: date | None = None
    contract_until: date | None = None
    successor_opened_on: date | None = None
    ending: Ending | None = None
    history: tuple[HistoryEntry, ...] = ()

    def confirmation(self, stage: Stage) -> Confirmation | None:
        """Return what was confirmed of that stage."""
        return next((c for c in self.confirmed if c.stage is stage), None)

    @property
    def open_steps(self) -> tuple[Step, ...]:
        """The steps that can be confirmed next: up to the first that can't be passed over.

        What prepares a request is open until the request is confirmed, which may well be made
        without it; the application for a grant is open throughout.
        """
        remaining = self.remaining_steps
        in_turn = next(
            (n for n, s in enumerate(remaining) if s.stage not in PREPARING | BESIDE_THE_BUDGET),
            len(remaining),
        )
        return tuple(
            step
            for n, step in enumerate(remaining)
            if n <= in_turn or step.stage in BESIDE_THE_BUDGET
        )

    @property
    def steps_to_begin(self) -> tuple[Step, ...]:
        """The open steps, and those behind them that can be prepared meanwhile.

        Whoever waits for others' decision, or for the end of a contract, can begin what follows.
        """
        found: list[Step] = list(self.open_steps)
        for step in self.remaining_steps:
            if step not in found:
                found.append(step)
            waiting = step.stage in DECIDED_BY_OTHERS or (
                step.stage is Stage.EXECUTION and self.contract_concluded
            )
            if not waiting and step.stage not in PREPARING | BESIDE_THE_BUDGET:
                break
        return tuple(found)

    @property
    def next_step(self) -> Step | None:
        """The next step that is not optional."""
        return next((step for step in self.open_steps if not step.optional), None)

    @property
    def remaining_steps(self) -> tuple[Step, ...]:
        """The steps of the route that have not been confirmed."""
        if self.route is None or self.status is Status.ENDED:
            return ()
        confirmed = {c.stage for c in self.confirmed}
        return tuple(step for step in self.route.steps if step.stage not in confirmed)

    @property
    def stage(self) -> Stage | None:
        """The stage it is in; ``None`` without a route and after the end."""
        return next((step.stage for step in self.open_steps), None)

    @property
    def requested(self) -> bool:
        """Whether the department has asked for the money on the present route."""
        return self.confirmation(Stage.REQUEST) is not None

    @property
    def contract_concluded(self) -> bool:
        """Whether the goal has been reached and only delivery remains."""
        return self.contract_from is not None


def recorded(state: PursuitState, *entries: HistoryEntry) -> PursuitState:
    """Return the state with new entries in its history."""
    return replace(state, history=(*state.history, *entries)[-HISTORY_KEPT:])
