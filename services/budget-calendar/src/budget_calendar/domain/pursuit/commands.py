"""Commands to a pursuit: by a person, by a change of the calendar, by the clock."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from budget_calendar.domain.goals import PursuitGoal
from budget_calendar.domain.pursuit.state import Level
from budget_calendar.domain.routes.route import Route
from budget_calendar.domain.stages import Outcome, Stage

CLOCK: Final = "clock"
"""The author who resumes a pursuit when its pause is over."""

TEMPORAL: Final = "temporal"
"""The origin of a message that names none: an operator in the Temporal UI."""

LONGEST_NOTE: Final = 500
"""Characters of what a person adds to a command."""

LONGEST_NAME: Final = 64
"""Characters of a pursuit's id or its owner."""

LONGEST_BY: Final = 255
"""Characters of who asks for something: OpenID Connect's limit of a subject."""


@dataclass(frozen=True, slots=True)
class Confirm:
    """A person says what happened in a stage."""

    stage: Stage
    outcome: Outcome
    on: date
    """The day in Japan on which it happened."""
    by: str
    """Who says so: team or staff number, never a name."""
    note: str = ""
    """At most ``LONGEST_NOTE`` characters; no personal data."""
    origin: str = TEMPORAL
    """Where the message came from, for the audit; in every message."""


@dataclass(frozen=True, slots=True)
class ChooseRoute:
    """A person takes another of the proposed routes."""

    route_id: str
    by: str
    origin: str = TEMPORAL


@dataclass(frozen=True, slots=True)
class ReviseGoal:
    """A person changes what is wanted."""

    goal: PursuitGoal
    by: str
    origin: str = TEMPORAL


@dataclass(frozen=True, slots=True)
class Pause:
    """Nobody is asked for anything until a day."""

    until: date
    by: str
    note: str = ""
    origin: str = TEMPORAL


@dataclass(frozen=True, slots=True)
class Resume:
    """A person ends the pause before its day."""

    by: str
    origin: str = TEMPORAL


@dataclass(frozen=True, slots=True)
class Cancel:
    """The pursuit is given up."""

    by: str
    note: str = ""
    origin: str = TEMPORAL


@dataclass(frozen=True, slots=True)
class RoutesPlanned:
    """Routes have been planned again: the calendar moved, or the pursuit asked for them."""

    routes: tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Begin:
    """The clock: a stage should be begun."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class ConfirmationOverdue:
    """The clock: a step's date has passed and nobody has confirmed it."""

    stage: Stage
    level: Level


@dataclass(frozen=True, slots=True)
class Review:
    """The clock: review it, since otherwise nothing would ever happen."""


@dataclass(frozen=True, slots=True)
class OpenSuccessor:
    """The clock: the budget of the contract that follows must be begun."""


@dataclass(frozen=True, slots=True)
class EndPause:
    """The clock: the pause is over."""


Message = Confirm | ChooseRoute | ReviseGoal | Pause | Resume | Cancel
"""A command that a person sends."""

FromClock = Begin | ConfirmationOverdue | Review | OpenSuccessor | EndPause
Command = Message | RoutesPlanned | FromClock
