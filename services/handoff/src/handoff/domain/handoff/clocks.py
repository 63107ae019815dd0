"""Due times of clocks: business time since they began, without the pauses."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handoff.domain.handoff.facts import ClockResult
from handoff.domain.handoff.policy import Sla
from handoff.domain.handoff.state import Clock, HandoffState, Notice, Pause
from handoff.domain.handoff.terms import OF_SENDER, ClockName, Level
from kakehashi_common.domain.business_time import BusinessTime, NoWorkingHoursError

_OF_TEAM: Final = frozenset({ClockName.ASSIGN})
_PERCENT: Final = 100


def due_at(state: HandoffState, clock: Clock, sla: Sla) -> datetime:
    """Return when the clock is, or was, due. An open pause counts until its limit."""
    return _due(clock, sla.policy.setting(clock.name).limit, state.pauses, sla)


def reminder_at(state: HandoffState, clock: Clock, sla: Sla) -> datetime | None:
    """Return when to remind of it; ``None``: never."""
    setting = sla.policy.setting(clock.name)
    if setting.reminder is None:
        return None
    return _due(clock, setting.limit * setting.reminder / _PERCENT, state.pauses, sla)


def accept_by(state: HandoffState, now: datetime, sla: Sla) -> datetime:
    """Return when an answer is due if the handoff is assigned ``now``."""
    return _due(Clock(ClockName.ACCEPT, now), sla.policy.accept.limit, state.pauses, sla)


def after(
    start: datetime, duration: timedelta, pauses: Sequence[Pause], works: BusinessTime
) -> datetime:
    """Return the first instant at which so much business time has passed outside the pauses.

    Args:
        start: from when on.
        duration: business time.
        pauses: in order and without overlap; an open one counts until its limit.
        works: the working hours.

    Raises:
        NoWorkingHoursError: nobody works for ten years.
    """
    at = works.add(start, duration)
    for pause in pauses:
        if pause.started_at < at:
            begins, ends = max(start, pause.started_at), pause.ended_at or pause.until
            at = works.add(at, works.between(begins, ends))
    return at


def started(state: HandoffState, name: ClockName, at: datetime) -> HandoffState:
    """Return the state with that clock running; an earlier one of the name is replaced."""
    others = tuple(clock for clock in state.clocks if clock.name is not name)
    return replace(state, clocks=(*others, Clock(name, at)))


def stopped(state: HandoffState, name: ClockName, at: datetime) -> HandoffState:
    """Return the state with that clock stopped, if it ran."""
    clocks = (
        replace(clock, stopped_at=max(at, clock.started_at))
        if clock.name is name and clock.stopped_at is None
        else clock
        for clock in state.clocks
    )
    return replace(state, clocks=tuple(clocks))


def noted(state: HandoffState, name: ClockName, level: Level, at: datetime) -> HandoffState:
    """Return the state that remembers that a level was told of that clock."""
    return replace(
        state,
        clocks=tuple(
            replace(clock, notices=_with(clock, level, at)) if clock.name is name else clock
            for clock in state.clocks
        ),
    )


def _with(clock: Clock, level: Level, at: datetime) -> tuple[Notice, ...]:
    earlier = clock.notice(level)
    others = (notice for notice in clock.notices if notice.level is not level)
    return (*others, Notice(level, at, earlier.times + 1 if earlier else 1))


def result(state: HandoffState, name: ClockName, at: datetime, sla: Sla) -> ClockResult:
    """Return what that clock comes to when it is stopped.

    Raises:
        ValueError: there is no such clock.
    """
    clock = state.clock(name)
    if clock is None:
        raise ValueError(f"no clock {name} was started")
    stopped_at = clock.stopped_at or max(at, clock.started_at)
    due = due_at(state, clock, sla)
    return ClockResult(name, clock.started_at, stopped_at, due, stopped_at <= due)


def _due(clock: Clock, duration: timedelta, pauses: Sequence[Pause], sla: Sla) -> datetime:
    try:
        return after(clock.started_at, duration, pauses, _works(clock.name, sla))
    except NoWorkingHoursError:
        # Whoever is away for good keeps nobody waiting: the team's hours count instead.
        return after(clock.started_at, duration, pauses, sla.team)


def _works(name: ClockName, sla: Sla) -> BusinessTime:
    if name in OF_SENDER:
        return sla.sender or sla.team
    if name in _OF_TEAM:
        return sla.team
    return sla.owner or sla.team
