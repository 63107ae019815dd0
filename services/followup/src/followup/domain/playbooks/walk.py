"""The walk through a playbook: the next step, given what has happened.

Pure and deterministic, so that a workflow may run it: ``walk`` says what to do, the caller does it
and reports by ``performed``.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from followup.domain.playbooks.playbook import ALWAYS_ENDS, Playbook
from followup.domain.playbooks.steps import (
    BehaviourSeen,
    BranchStep,
    Case,
    DayOfYear,
    Elapsed,
    OccurrenceKind,
    PerformedStep,
    PhaseReached,
    PocCheckStep,
    Reacted,
    Silent,
    StopWith,
    Until,
    WaitStep,
    WebhookStep,
)
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.business_time import JAPAN, BusinessTime
from kakehashi_common.domain.errors import DomainError

_A_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Office:
    """The opening hours of the municipality's offices."""

    days: BusinessDays
    hours: BusinessTime


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Something that happened after the sequence began."""

    kind: OccurrenceKind
    at: datetime
    name: str = ""
    """Of the behaviour or the budget phase."""


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a sequence in its playbook."""

    step: str | None
    """``None``: behind the last step."""
    since: datetime
    contacted_at: datetime | None = None
    """The last contact; what came after it is an answer to it."""
    week: int = 1
    """Of a step that repeats weekly: which one is next."""
    weekly_from: datetime | None = None
    """Of such a step, behind its first week: when that began."""
    handled: int = 0
    """The number of occurrences, from the first on, that a branch has decided on."""
    stood_still: timedelta = timedelta()
    """The time for which it was paused at this step."""

    @property
    def counts_from(self) -> datetime:
        """The time from which a wait or silence counts: the time of a pause does not."""
        return self.since + self.stood_still


class Ending(StrEnum):
    """The way in which a sequence ended."""

    COMPLETED = "completed"
    GOAL_REACHED = "goal_reached"
    EXITED = "exited"
    STOPPED = "stopped"
    """By a branch."""


@dataclass(frozen=True, slots=True)
class Perform:
    """Carry out a step, then report it by :func:`performed`."""

    position: Position
    step: PerformedStep


@dataclass(frozen=True, slots=True)
class Rest:
    """Do nothing until an instant, or until something happens."""

    position: Position
    until: datetime


@dataclass(frozen=True, slots=True)
class Finished:
    """The sequence is over."""

    position: Position
    ending: Ending
    reason: str = ""
    """The cause of the end: an occurrence's kind, or a branch's own words."""


Move = Perform | Rest | Finished


def begin(playbook: Playbook, at: datetime) -> Position:
    """Return the position at the first step."""
    return Position(playbook.steps[0].id, at)


def performed(
    playbook: Playbook, position: Position, at: datetime, *, carried_out: bool = True
) -> Position:
    """Return the position after the step at ``position``.

    A step that was left out (skipped, refused, not approved in time, not delivered) is no contact:
    nothing that comes later is an answer to it.
    """
    assert position.step is not None  # noqa: S101 - only a step can be carried out
    step = playbook.step(position.step)
    is_contact = carried_out and not isinstance(step, WebhookStep)
    contacted_at = at if is_contact else position.contacted_at
    if isinstance(step, PocCheckStep) and position.week < step.weeks:
        return replace(
            position,
            since=at,
            stood_still=timedelta(),
            contacted_at=contacted_at,
            week=position.week + 1,
            weekly_from=position.weekly_from or position.since,
        )
    return replace(
        position,
        step=playbook.after(step.id),
        since=at,
        stood_still=timedelta(),
        contacted_at=contacted_at,
        week=1,
        weekly_from=None,
    )


def walk(
    playbook: Playbook,
    position: Position,
    occurrences: Sequence[Occurrence],
    now: datetime,
    office: Office,
) -> Move:
    """Return the next move.

    Args:
        playbook: a checked one: any loop in it waits, so that the walk ends.
        position: from :func:`begin`, :func:`performed` or an earlier move.
        occurrences: all since the sequence began, in the order in which they came, first the
            budget phase that it began in; only added to.
        now: not before ``position.since``.
        office: working time is the municipality's.

    Raises:
        DomainError: the playbook goes round without waiting, so it was not checked.
    """
    for _ in range(2 * len(playbook.steps) + 2):  # a wait that has ended splits the way in two
        if (finished := _finished(playbook, position, occurrences)) is not None:
            return finished
        assert position.step is not None  # noqa: S101 - behind the last step it is finished
        step = playbook.step(position.step)
        going: Position | Move
        if step.id in playbook.passed_over:
            going = replace(position, step=playbook.after(step.id))
        elif isinstance(step, WaitStep):
            going = _waited(playbook, step, position, occurrences, now, office)
        elif isinstance(step, BranchStep):
            going = _branched(step, position, occurrences, now, office)
        else:
            return _action(step, position, now)
        if not isinstance(going, Position):
            return going
        position = going
    raise DomainError(
        f"the playbook {playbook.id!r} goes round without waiting at {position.step!r}",
        field="steps",
        code="loop_without_wait",
    )


def _action(step: PerformedStep, position: Position, now: datetime) -> Perform | Rest:
    """Carry it out; a weekly one on the weekday of the first, next after the last one was done."""
    due = position.since
    if position.week > 1:
        # Positions that were stored without the first week's instant go by the last check's.
        first = position.weekly_from or position.since
        due = first + ((position.since - first) // _A_WEEK + 1) * _A_WEEK
    return Rest(position, due) if now < due else Perform(position, step)


def _finished(
    playbook: Playbook, position: Position, occurrences: Sequence[Occurrence]
) -> Finished | None:
    """End at what always ends a sequence, at the goal, at an exit that no branch waits for."""
    for each in occurrences:
        if each.kind in ALWAYS_ENDS:
            return Finished(position, Ending.EXITED, each.kind)
    for each in occurrences:
        if playbook.goal.reached_by(each.kind, each.name):
            return Finished(position, Ending.GOAL_REACHED, each.name or each.kind)
    awaited = _awaited(playbook, position)
    for each in occurrences[position.handled :]:
        if each.kind in playbook.exits - awaited:
            return Finished(position, Ending.EXITED, each.kind)
    return Finished(position, Ending.COMPLETED) if position.step is None else None


def _awaited(playbook: Playbook, position: Position) -> frozenset[OccurrenceKind]:
    step = None if position.step is None else playbook.step(position.step)
    cases = step.cases if isinstance(step, BranchStep) else ()
    return frozenset(case.on.kind for case in cases if isinstance(case.on, Reacted))


def _waited(
    playbook: Playbook,
    step: WaitStep,
    position: Position,
    occurrences: Sequence[Occurrence],
    now: datetime,
    office: Office,
) -> Position | Rest:
    due = _due(step.until, position, occurrences, office)
    if now < due:
        return Rest(position, due)
    return replace(position, step=playbook.after(step.id), since=now, stood_still=timedelta())


def _due(
    until: Until, position: Position, occurrences: Sequence[Occurrence], office: Office
) -> datetime:
    """Return when a wait ends; what it waits for ends it at once."""
    match until:
        case Elapsed(business_days=0, business_hours=hours):
            return office.hours.add(position.counts_from, timedelta(hours=hours))
        case Elapsed(business_days=days):
            return _opening(position.counts_from, days, office)
        case DayOfYear(month=month, day=day):
            begun = position.since.astimezone(JAPAN).date()
            coming = date(begun.year, month, day)
            if coming <= begun:
                coming = coming.replace(year=begun.year + 1)
            return office.hours.next_open(datetime.combine(coming, time(), JAPAN))
        case PhaseReached(phase=phase, at_most_days=days):
            phases = [each for each in occurrences if each.kind is OccurrenceKind.PHASE_BEGAN]
            reached = bool(phases) and phases[-1].name == phase
            return position.since + timedelta(days=0 if reached else days)
        case BehaviourSeen(behaviour=behaviour, at_most_days=days):
            seen = any(
                each.name == behaviour and each.at >= position.since
                for each in occurrences
                if each.kind is OccurrenceKind.BEHAVIOUR
            )
            return position.since + timedelta(days=0 if seen else days)


def _opening(since: datetime, business_days: int, office: Office) -> datetime:
    """Return when offices open on the n-th business day after ``since``."""
    day = office.days.shift(since.astimezone(JAPAN).date(), business_days)
    return office.hours.next_open(datetime.combine(day, time(), JAPAN))


def _branched(
    step: BranchStep,
    position: Position,
    occurrences: Sequence[Occurrence],
    now: datetime,
    office: Office,
) -> Position | Rest | Finished:
    case, handled = _decided(step, position, occurrences, now, office)
    if case is None:
        return Rest(position, _silent_until(step, position, office))
    if isinstance(case.then, StopWith):
        return Finished(position, Ending.STOPPED, case.then.reason)
    return replace(
        position, step=case.then.step, since=now, stood_still=timedelta(), handled=handled
    )


def _decided(
    step: BranchStep,
    position: Position,
    occurrences: Sequence[Occurrence],
    now: datetime,
    office: Office,
) -> tuple[Case | None, int]:
    """Return the first case that is true, and how many occurrences are then dealt with."""
    since = position.contacted_at or position.since
    for case in step.cases:
        if isinstance(case.on, Silent):
            if now >= _opening(position.counts_from, case.on.business_days, office):
                return case, position.handled
            continue
        for index, each in enumerate(occurrences):
            if (
                index >= position.handled
                and each.at >= since
                and case.on.means(each.kind, each.name)
            ):
                return case, index + 1
    return None, position.handled


def _silent_until(step: BranchStep, position: Position, office: Office) -> datetime:
    return min(
        _opening(position.counts_from, case.on.business_days, office)
        for case in step.cases
        if isinstance(case.on, Silent)
    )
