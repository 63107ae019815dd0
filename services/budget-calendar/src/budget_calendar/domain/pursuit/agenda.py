"""What the clock will bring a pursuit, so that it never falls silent."""

from datetime import date
from typing import NamedTuple

from budget_calendar.domain.business_days import BusinessDays
from budget_calendar.domain.goals import successor_begins
from budget_calendar.domain.pursuit.commands import (
    CLOCK,
    Begin,
    FromClock,
    OpenSuccessor,
    Resume,
    Review,
    Silence,
)
from budget_calendar.domain.pursuit.state import Level, PursuitState, Status
from budget_calendar.domain.routes.route import Step
from budget_calendar.domain.stages import DECIDED_BY_OTHERS


class Due(NamedTuple):
    """A command that the clock gives from a day on."""

    on: date
    command: FromClock


def due(state: PursuitState, today: date, business_days: BusinessDays) -> tuple[FromClock, ...]:
    """The commands that are due, the oldest first.

    Carrying out one may change the others: decide the first, then ask again.
    """
    return tuple(d.command for d in _agenda(state, business_days) if d.on <= today)


def next_wakeup(state: PursuitState, today: date, business_days: BusinessDays) -> date | None:
    """The next day on which something is due, ``today`` if it is already.

    ``None`` exactly when the pursuit has ended.
    """
    first = min((d.on for d in _agenda(state, business_days)), default=None)
    return None if first is None else max(first, today)


def _agenda(state: PursuitState, business_days: BusinessDays) -> list[Due]:
    if state.status is Status.ENDED:
        return []
    if state.status is Status.PAUSED:
        return [Due(state.paused_until or state.opened_on, Resume(by=CLOCK))]
    items: list[Due] = []
    if state.plan_due_on:
        items.append(Due(state.plan_due_on, Review()))
    elif state.review_on:
        items.append(Due(state.review_on, Review()))
    for step in state.open_steps:
        items += _of_step(state, step, business_days)
    if state.contract_until and not state.successor_opened_on and state.goal.years is not None:
        items.append(Due(successor_begins(state.contract_until), OpenSuccessor()))
    return sorted(items, key=lambda item: item.on)


def _of_step(state: PursuitState, step: Step, business_days: BusinessDays) -> list[Due]:
    items = []
    if step.stage not in state.begun and step.stage not in DECIDED_BY_OTHERS:
        items.append(Due(step.begin_by, Begin(step.stage)))
    patience = state.patience
    lags = [(Level.REMINDER, patience.reminder)]
    if not step.optional:
        lags.append((Level.ESCALATION, patience.escalation))
    told = {(t.stage, t.level, t.confirmed_by) for t in state.told}
    items += [
        Due(business_days.shift(step.confirmed_by, lag), Silence(step.stage, level))
        for level, lag in lags
        if (step.stage, level, step.confirmed_by) not in told
    ]
    return items
