"""Timers of a pursuit: until it ends, there is always one."""

from datetime import date
from typing import NamedTuple

from budget_calendar.domain.goals import successor_begins
from budget_calendar.domain.pursuit.commands import (
    Begin,
    ConfirmationOverdue,
    EndPause,
    FromClock,
    OpenSuccessor,
    Review,
)
from budget_calendar.domain.pursuit.state import Level, PursuitState, Status
from budget_calendar.domain.routes.route import Step
from budget_calendar.domain.stages import DECIDED_BY_OTHERS
from kakehashi_common.domain.business_days import BusinessDays


class Timer(NamedTuple):
    """A command that the clock gives from a day on."""

    on: date
    command: FromClock


def due(
    state: PursuitState, today: date, business_days: BusinessDays, *, by_lead_time: bool = True
) -> tuple[FromClock, ...]:
    """Return the commands that are due, the oldest first.

    Carrying out one may change the others: decide the first, then ask again.

    Args:
        state: where the pursuit stands.
        today: the day in Japan.
        business_days: on which days offices are open.
        by_lead_time: whether a stage is begun by its lead time although others have yet to decide,
            or the contract still runs; runs of before that wait until it can be confirmed.
    """
    timers = _timers(state, business_days, by_lead_time=by_lead_time)
    return tuple(each.command for each in timers if each.on <= today)


def next_wakeup(
    state: PursuitState, today: date, business_days: BusinessDays, *, by_lead_time: bool = True
) -> date | None:
    """Return the next day on which something is due, ``today`` if it is already.

    ``None`` exactly when the pursuit has ended. See :func:`due` for ``by_lead_time``.
    """
    timers = _timers(state, business_days, by_lead_time=by_lead_time)
    first = min((each.on for each in timers), default=None)
    return None if first is None else max(first, today)


def _timers(state: PursuitState, business_days: BusinessDays, *, by_lead_time: bool) -> list[Timer]:
    if state.status is Status.ENDED:
        return []
    if state.status is Status.PAUSED:
        return [Timer(state.paused_until or state.opened_on, EndPause())]
    items: list[Timer] = []
    if state.plan_due_on:
        items.append(Timer(state.plan_due_on, Review()))
    elif state.review_on:
        items.append(Timer(state.review_on, Review()))
    beginning = state.steps_to_begin if by_lead_time else state.open_steps
    items += [
        Timer(step.begin_by, Begin(step.stage))
        for step in beginning
        if step.stage not in state.begun and step.stage not in DECIDED_BY_OTHERS
    ]
    for step in state.open_steps:
        items += _overdue(state, step, business_days)
    if state.contract_until and not state.successor_opened_on and state.goal.years is not None:
        begins = successor_begins(state.contract_until)
        begins = business_days.on_or_after(begins) if by_lead_time else begins
        items.append(Timer(begins, OpenSuccessor()))
    return sorted(items, key=lambda item: item.on)


def _overdue(state: PursuitState, step: Step, business_days: BusinessDays) -> list[Timer]:
    policy = state.patience
    lags = [(Level.REMINDER, policy.reminder)]
    if not step.optional:
        lags.append((Level.ESCALATION, policy.escalation))
    told = {(t.stage, t.level, t.confirmed_by) for t in state.told}
    return [
        Timer(business_days.shift(step.confirmed_by, lag), ConfirmationOverdue(step.stage, level))
        for level, lag in lags
        if (step.stage, level, step.confirmed_by) not in told
    ]
