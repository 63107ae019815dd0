"""The inputs, messages and answers of a pursuit's workflow and its activities."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from budget_calendar.domain.goals import PursuitGoal, check_start
from budget_calendar.domain.pursuit import PursuitState, ReminderPolicy
from budget_calendar.domain.pursuit.commands import TEMPORAL, Message, ReviseGoal
from budget_calendar.domain.pursuit.deciding import require_by
from budget_calendar.domain.pursuit.narrative import summary
from budget_calendar.domain.pursuit.state import Status
from budget_calendar.domain.routes.route import Route
from budget_calendar.domain.stages import DECIDED_BY_OTHERS
from budget_calendar.events.mapping import EventToPublish
from kakehashi_common.domain.errors import DomainError, require_text

LONGEST_ORIGIN: Final = 200
"""Characters of where a message came from."""

SYSTEM: Final = "system:budget-calendar"
"""The author of what the clock or a calendar brings about."""


@dataclass(frozen=True, slots=True)
class OpenPursuit:
    """The opening of a pursuit. Opening the same again changes nothing."""

    pursuit_id: str
    code: str
    """The municipality's."""
    owner: str
    """Team or staff number, never a name."""
    goal: PursuitGoal
    patience: ReminderPolicy = field(default_factory=ReminderPolicy)
    generation: int = 1
    """2 for the successor of a contract, 3 for the successor of that."""

    def successor(self, goal: PursuitGoal) -> "OpenPursuit":
        """Return the pursuit that renews the contract; its id is ``<id>-2``, then ``<id>-3``."""
        first = self.pursuit_id
        if self.generation > 1:
            first = first.removesuffix(f"-{self.generation}")
        number = self.generation + 1
        return replace(self, pursuit_id=f"{first}-{number}", goal=goal, generation=number)


@dataclass(frozen=True)
class Pursuit:
    """The input of a run; a first run gives only the opening and where it came from."""

    opening: OpenPursuit
    opened_by: str = SYSTEM
    origin: str = TEMPORAL
    state: PursuitState | None = None
    holidays: tuple[date, ...] = ()
    """Those of the newest plan: a decree may move one, and a replay must not see that."""


def check_message(message: Message, today: date) -> None:
    """Refuse a message for what it says itself, however the pursuit stands.

    Raises:
        DomainError: it comes from nowhere that can be noted, or wants a start that is past or too
            far away.
    """
    require_text(message.origin, "origin")
    if len(message.origin) > LONGEST_ORIGIN:
        raise DomainError(
            f"origin must be at most {LONGEST_ORIGIN} characters, not {len(message.origin)}",
            field="origin",
            code="origin_too_long",
        )
    if isinstance(message, ReviseGoal):
        check_start(message.goal, today)


def stated_by(message: Message) -> str:
    """Return who says to send the message, or ``TEMPORAL`` if that can't be noted."""
    try:
        require_by(message.by)
    except DomainError:
        return TEMPORAL
    return message.by


@dataclass(frozen=True, slots=True)
class PursuitStatus:
    """The state of a pursuit, in a few words for programs and a sentence for people."""

    pursuit_id: str
    version: int
    status: str
    stage: str
    """The stage it is in; ``no_route`` while none is open, ``ended`` after the end."""
    next_action_on: date | None
    ja: str
    en: str


@dataclass(frozen=True, slots=True)
class PursuitNarrative:
    """Sentences about past and coming steps."""

    ja: tuple[str, ...]
    en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanRoutes:
    """The goal to plan routes for, and as of when."""

    code: str
    goal: PursuitGoal
    now: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """The routes, and what else has to be the same however often a workflow is replayed."""

    routes: tuple[Route, ...]
    holidays: tuple[date, ...]
    """Public holidays of these years on weekdays: the government may still move one."""
    calendars: int
    """The revision of the municipality's calendars that were planned by."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Something that somebody did to a pursuit, for the audit."""

    who: str
    what: str
    origin: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class RecordPursuit:
    """A pursuit as it is now, who made it so, and what to publish."""

    state: PursuitState
    calendars: int
    """See :class:`Planned`."""
    at: datetime
    acts: tuple[AuditRecord, ...] = ()
    events: tuple[EventToPublish, ...] = ()


def status_of(state: PursuitState) -> PursuitStatus:
    """Return where a pursuit stands."""
    text = summary(state)
    return PursuitStatus(
        state.pursuit_id,
        state.version,
        state.status.value,
        stage_of(state),
        next_action_on(state),
        text.ja,
        text.en,
    )


def stage_of(state: PursuitState) -> str:
    """Return the stage as lists and search attributes name it."""
    if state.status is Status.ENDED:
        return "ended"
    return state.stage or "no_route"


def next_action_on(state: PursuitState) -> date | None:
    """Return the next day on which something is to be begun, or should have happened.

    What has been begun is due by its own day, and what others decide is expected on theirs. While
    nothing is open it is the day on which the pursuit is looked at again.
    """
    if state.status is Status.PAUSED:
        return state.paused_until
    begins = [
        step.begin_by
        for step in state.steps_to_begin
        if step.stage not in state.begun and step.stage not in DECIDED_BY_OTHERS
    ]
    waiting = [
        step.act_by
        for step in state.open_steps
        if not step.optional and (step.stage in state.begun or step.stage in DECIDED_BY_OTHERS)
    ]
    return min((*begins, *waiting), default=state.plan_due_on or state.review_on)
