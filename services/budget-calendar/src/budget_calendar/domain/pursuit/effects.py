"""Effects of commands, for others to carry out."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from budget_calendar.domain.goals import PursuitGoal
from budget_calendar.domain.pursuit.state import Ending, PursuitState, ReplanReason
from budget_calendar.domain.routes.route import RouteKind
from budget_calendar.domain.stages import Stage
from kakehashi_common.domain.texts import Text


class OwnerReason(StrEnum):
    """The reason for notifying the owner; stable, for programs."""

    ROUTE_TAKEN = "route_taken"
    STAGE_BEGINS = "stage_begins"
    STAGE_UNCONFIRMED = "stage_unconfirmed"
    RESTORATION_OPEN = "restoration_open"
    NO_ROUTE = "no_route"
    RENEWAL_BEGINS = "renewal_begins"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True)
class NotifyOwner:
    """A reason for the owner to act."""

    reason: OwnerReason
    text: Text
    good_from: date
    good_until: date
    urgent: bool = False
    stage: Stage | None = None


@dataclass(frozen=True, slots=True)
class Replan:
    """Plan the routes again and answer with ``RoutesPlanned``."""

    why: ReplanReason


@dataclass(frozen=True, slots=True)
class Budgeted:
    """The money is secured."""

    route: RouteKind
    fiscal_year: int
    amount: int
    """Yen."""
    on: date


@dataclass(frozen=True, slots=True)
class WasCut:
    """The money was struck out."""

    route: RouteKind
    stage: Stage
    on: date
    proposed_next: str | None
    """``restoration``, or the kind of the route that is likely next; ``None``: none is known."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Money that had been cut was restored."""

    route: RouteKind
    on: date


@dataclass(frozen=True, slots=True)
class Won:
    """The contract is concluded."""

    on: date
    until: date


@dataclass(frozen=True, slots=True)
class Ended:
    """The pursuit is over."""

    ending: Ending
    on: date


@dataclass(frozen=True, slots=True)
class BeginSuccessor:
    """Open the pursuit of the contract that follows."""

    goal: PursuitGoal


Fact = Budgeted | WasCut | Restored | Won | Ended
Effect = NotifyOwner | Replan | Fact | BeginSuccessor


@dataclass(frozen=True, slots=True)
class Decision:
    """The state after a command, and the effects."""

    state: PursuitState
    effects: tuple[Effect, ...] = ()
