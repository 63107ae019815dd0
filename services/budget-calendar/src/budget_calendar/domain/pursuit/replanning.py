"""Continue a pursuit with new routes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from budget_calendar.domain.pursuit.effects import Decision
from budget_calendar.domain.pursuit.state import (
    HistoryEntry,
    HistoryEntryKind,
    PursuitState,
    ReplanReason,
    Status,
    recorded,
)
from budget_calendar.domain.pursuit.transitions import (
    best,
    fallback,
    kept,
    no_route,
    route_left,
    route_taken,
)
from budget_calendar.domain.routes.planning import first_not_past, in_order
from budget_calendar.domain.routes.route import Reason, Route, Step
from budget_calendar.domain.stages import Stage
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.errors import DomainError


def routes_arrived(
    state: PursuitState, routes: Sequence[Route], today: date, business_days: BusinessDays
) -> Decision:
    """Continue with new routes.

    Before the request the present route is given up when it is no longer feasible; a deadline
    that merely passed counts only once reminder and escalation found no answer. After the request
    only its dates move. Without a route the next one is taken.

    Raises:
        DomainError: there are no routes; a plan always names them, feasible or not.
    """
    if not routes:
        raise DomainError(
            "routes must name every route, feasible or not", field="routes", code="no_routes"
        )
    if state.contract_concluded:
        return Decision(state)
    state = replace(state, routes=kept(routes))
    if state.status is Status.PAUSED:
        return Decision(state)
    present = state.route
    if present is None:
        return _take(state, routes, today, business_days)
    asked, state = state.awaited, replace(state, awaited=None, plan_due_on=None)
    fresh = next((r for r in routes if r.id == present.id), None)
    if state.requested:
        return Decision(_with_dates(state, present, fresh, today) if fresh else state)
    if fresh is None or _given_up(fresh, asked):
        lapsed = HistoryEntry(HistoryEntryKind.LAPSED, today, route=present.title)
        state = replace(state, tried=(*state.tried, present.id))
        return _take(recorded(route_left(state), lapsed), routes, today, business_days)
    return Decision(_with_dates(state, present, fresh, today))


def _given_up(fresh: Route, asked: ReplanReason | None) -> bool:
    if fresh.feasible:
        return False
    return asked is not None or fresh.reason is not Reason.DEADLINE_PAST


def _take(
    state: PursuitState, routes: Sequence[Route], today: date, business_days: BusinessDays
) -> Decision:
    route = fallback(routes, state.tried, today) if state.tried else best(routes, ())
    return route_taken(state, route, today) if route else no_route(state, today, business_days)


def _with_dates(state: PursuitState, present: Route, fresh: Route, today: date) -> PursuitState:
    """Return the state with the new dates of the route's open steps."""
    if not fresh.steps:
        return state
    redated = in_order(tuple(_redated(state, step, fresh, today) for step in state.remaining_steps))
    new = {step.stage: step for step in redated}
    steps = tuple(new.get(step.stage, step) for step in present.steps)
    before = {step.stage: step.estimate.window for step in present.steps}
    moved = any(step.estimate.window != before[step.stage] for step in steps)
    dated = replace(
        present,
        steps=steps,
        latest_action=fresh.latest_action,
        restoration=fresh.restoration,
        money_from=fresh.money_from,
        starts=fresh.starts,
        contract=fresh.contract,
        grant=fresh.grant,
        own_share=fresh.own_share,
    )
    state = replace(state, route=dated)
    if not moved:
        return state
    next_step = state.next_step
    entry = HistoryEntry(
        HistoryEntryKind.DATES_MOVED, today, due=next_step.act_by if next_step else None
    )
    last = state.history[-1] if state.history else None
    if last and last.kind is HistoryEntryKind.DATES_MOVED:
        # A calendar that is corrected a hundred times in a row is one entry.
        state = replace(state, history=state.history[:-1])
    return recorded(state, entry)


def _redated(state: PursuitState, step: Step, fresh: Route, today: date) -> Step:
    if step.stage is Stage.ASSESSMENT and state.cut_on:
        if fresh.restoration is None:
            return step
        act_by = first_not_past(fresh.restoration.window, today)
        return replace(step, act_by=act_by, estimate=fresh.restoration)
    planned = fresh.step(step.stage)
    if planned is None:
        return step
    return replace(
        step,
        begin_by=planned.begin_by,
        act_by=planned.act_by,
        estimate=planned.estimate,
        note=planned.note,
    )
