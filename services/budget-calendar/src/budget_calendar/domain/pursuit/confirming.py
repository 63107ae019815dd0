"""Confirmations of stages, and what follows from them."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from budget_calendar.domain.days import in_words
from budget_calendar.domain.fiscal_years import first_day
from budget_calendar.domain.goals import contract_end, successor_begins
from budget_calendar.domain.pursuit.commands import Confirm
from budget_calendar.domain.pursuit.effects import (
    Budgeted,
    Decision,
    NotifyOwner,
    OwnerReason,
    Restored,
    WasCut,
    Won,
)
from budget_calendar.domain.pursuit.state import (
    Confirmation,
    Ending,
    HistoryEntry,
    HistoryEntryKind,
    PursuitState,
    recorded,
)
from budget_calendar.domain.pursuit.transitions import ended, fallback, set_back, then
from budget_calendar.domain.routes.planning import first_not_past
from budget_calendar.domain.routes.route import Route
from budget_calendar.domain.stages import (
    BESIDE_THE_BUDGET,
    KEPT_ON_ANOTHER_ROUTE,
    OUTCOMES,
    STAGE_NAMES,
    Outcome,
    Stage,
)
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.domain.texts import Text

LONGEST_BEFORE_OPENING: Final = timedelta(days=2 * 366)
"""The longest time by which a confirmed day may precede a pursuit's opening: a budget is prepared
in the year of its requests or the one before. An earlier day is a mistake."""


def confirm(
    state: PursuitState, command: Confirm, today: date, business_days: BusinessDays
) -> Decision:
    """Record what happened and draw the consequences.

    What prepares any route (実証実験, 勉強会, ヒアリング) can be recorded before the request even
    where the route does without it: a proof of concept that was made for next year's budget.

    Raises:
        DomainError: it can't have happened so; the state stays as it is.
    """
    route = _check(state, command, today)
    state = _recorded(state, command)
    if route.step(command.stage) is None:
        return Decision(state)
    return _consequences(state, route, command, today, business_days)


def _consequences(
    state: PursuitState, route: Route, command: Confirm, today: date, business_days: BusinessDays
) -> Decision:
    stage, outcome = command.stage, command.outcome
    if outcome is Outcome.RESTORED:
        return Decision(state, (Restored(route.kind, command.on),))
    if outcome is Outcome.CUT or (stage is Stage.VOTE and outcome is Outcome.FAILED):
        return _cut(state, route, command, today, business_days)
    if outcome is Outcome.FAILED:
        return _failed(state, command, today, business_days)
    if outcome is Outcome.SKIPPED:
        if stage is Stage.RENEWAL:
            return ended(state, Ending.NOT_RENEWED, command.on, command.by)
        return Decision(state)
    return _done(state, route, command)


def _done(state: PursuitState, route: Route, command: Confirm) -> Decision:
    stage, on = command.stage, command.on
    secures = Stage.VOTE if route.step(Stage.VOTE) else Stage.ASSESSMENT
    if stage is secures:
        fact = Budgeted(route.kind, route.fiscal_year, state.goal.amount, on)
        return Decision(state, (fact,))
    if stage is Stage.CONTRACT:
        return _concluded(state, route, on)
    if stage is Stage.EXECUTION and route.step(Stage.RENEWAL) is None:
        return ended(state, Ending.COMPLETED, on, command.by)
    if stage is Stage.RENEWAL:
        return ended(state, Ending.RENEWED, on, command.by)
    return Decision(state)


def _concluded(state: PursuitState, route: Route, on: date) -> Decision:
    """Replace the planned dates of the contract by the real ones."""
    planned = route.step(Stage.EXECUTION)
    starts = max(on, state.goal.wanted_start, first_day(route.fiscal_year))
    if state.goal.years is None and planned:
        until = max(planned.act_by, on)
    else:
        until = contract_end(state.goal, starts)
    known = Estimate(Window.on(until), Basis.MANUAL, "the contract as confirmed", 1.0)
    steps = []
    for step in route.steps:
        if step.stage is Stage.EXECUTION:
            steps.append(replace(step, begin_by=starts, act_by=until, estimate=known))
        elif step.stage is Stage.RENEWAL:
            begins = successor_begins(until)
            steps.append(replace(step, begin_by=begins, act_by=until, estimate=known, note=None))
        else:
            steps.append(step)
    state = replace(
        state,
        route=replace(route, steps=tuple(steps)),
        routes=(),  # no other route can be taken any more
        contract_from=starts,
        contract_until=until,
    )
    return Decision(state, (Won(on, until),))


def _cut(
    state: PursuitState, route: Route, command: Confirm, today: date, business_days: BusinessDays
) -> Decision:
    restoration = route.restoration
    offered = (
        command.stage is Stage.ASSESSMENT
        and state.cut_on is None
        and restoration is not None
        and restoration.window.latest >= today
    )
    if offered and restoration:
        act_by = first_not_past(restoration.window, today)
        steps = tuple(
            replace(step, act_by=act_by, estimate=restoration)
            if step.stage is Stage.ASSESSMENT
            else step
            for step in route.steps
        )
        state = replace(
            state,
            cut_on=command.on,
            route=replace(route, steps=steps),
            confirmed=tuple(c for c in state.confirmed if c.stage is not Stage.ASSESSMENT),
            review_on=None,
        )
        state = recorded(state, HistoryEntry(HistoryEntryKind.RESTORATION_OPEN, today, due=act_by))
        day = in_words(act_by)
        text = Text(
            ja=f"査定で削られました。{day.ja}までなら復活要求ができます。担当課に根拠資料を"
            "届けてください。",
            en=f"Cut at assessment. Restoration can be asked for until {day.en}: give the "
            "department what it needs to argue.",
        )
        fact = WasCut(route.kind, command.stage, command.on, "restoration")
        notify = NotifyOwner(
            OwnerReason.RESTORATION_OPEN, text, today, act_by, urgent=True, stage=command.stage
        )
        return Decision(state, (fact, notify))
    likely = fallback(state.routes, (*state.tried, route.id), today)
    fact = WasCut(route.kind, command.stage, command.on, likely.kind.value if likely else None)
    return then(set_back(state, today, business_days, command.stage), fact)


def _failed(
    state: PursuitState, command: Confirm, today: date, business_days: BusinessDays
) -> Decision:
    endings = {
        Stage.CONTRACT: Ending.LOST,
        Stage.EXECUTION: Ending.TERMINATED,
        Stage.RENEWAL: Ending.NOT_RENEWED,
    }
    if command.stage in endings:
        return ended(state, endings[command.stage], command.on, command.by)
    return set_back(state, today, business_days, command.stage)


def _recorded(state: PursuitState, command: Confirm) -> PursuitState:
    """Return the state with the confirmation, and what was passed over on the way to it."""
    on_the_way = [step.stage for step in state.open_steps]
    before = on_the_way[: on_the_way.index(command.stage)] if command.stage in on_the_way else []
    if command.stage in BESIDE_THE_BUDGET:
        before = []
    elif command.stage is not Stage.GRANT_DECISION:
        before = [stage for stage in before if stage not in BESIDE_THE_BUDGET]
    skipped = [Confirmation(stage, Outcome.SKIPPED, command.on, command.by) for stage in before]
    said = Confirmation(command.stage, command.outcome, command.on, command.by, command.note)
    state = replace(
        state,
        confirmed=(*state.confirmed, *skipped, said),
        cut_on=None if command.outcome is Outcome.RESTORED else state.cut_on,
        told=(),
        review_on=None,
    )
    return recorded(
        state,
        *(HistoryEntry(HistoryEntryKind.PASSED_OVER, command.on, stage=stage) for stage in before),
        HistoryEntry(
            HistoryEntryKind.CONFIRMED,
            command.on,
            stage=command.stage,
            outcome=command.outcome,
            by=command.by,
            note=command.note,
        ),
    )


def _check(state: PursuitState, command: Confirm, today: date) -> Route:
    """Return the route, if the confirmation can be true."""
    name = STAGE_NAMES[command.stage].en
    if state.route is None:
        raise StateConflictError(
            "the pursuit has no route at present: choose a route first",
            field="stage",
            code="no_route",
        )
    on_route = state.route.step(command.stage) is not None
    if not on_route and (state.requested or command.stage not in KEPT_ON_ANOTHER_ROUTE):
        raise DomainError(
            f"{name} is not a stage of this route: its stages are "
            f"{', '.join(s.stage for s in state.route.steps)}",
            field="stage",
            code="stage_not_on_route",
        )
    passed = state.confirmation(command.stage)
    if passed:
        raise StateConflictError(
            f"{name} can't be confirmed again: {passed.outcome} on {passed.on} was confirmed",
            field="stage",
            code="stage_passed",
        )
    open_steps = state.open_steps
    if on_route and command.stage not in [step.stage for step in open_steps]:
        in_turn = [s.stage for s in open_steps if s.stage not in BESIDE_THE_BUDGET][-1]
        raise StateConflictError(
            f"{name} has not been reached: confirm {in_turn} first",
            field="stage",
            code="stage_not_reached",
        )
    _check_outcome(state, command)
    _check_day(state, command, today)
    return state.route


def _check_outcome(state: PursuitState, command: Confirm) -> None:
    stage, outcome = command.stage, command.outcome
    allowed = OUTCOMES[stage]
    if outcome not in allowed:
        raise DomainError(
            f"{STAGE_NAMES[stage].en} can't end with {outcome}: say {' or '.join(allowed)}",
            field="outcome",
            code="outcome_unknown",
        )
    if stage is not Stage.ASSESSMENT:
        if stage is Stage.RENEWAL and outcome is Outcome.DONE and state.successor_opened_on is None:
            raise StateConflictError(
                "the renewal has not been reached: its successor has not been opened yet",
                field="stage",
                code="stage_not_reached",
            )
        return
    if state.cut_on is None and outcome in (Outcome.RESTORED, Outcome.FAILED):
        raise StateConflictError(
            f"nothing has been cut, so assessment can't end with {outcome}: say done or cut",
            field="outcome",
            code="nothing_cut",
        )
    if state.cut_on is not None and outcome is Outcome.DONE:
        raise StateConflictError(
            f"it was cut on {state.cut_on}: say restored or failed",
            field="outcome",
            code="was_cut",
        )


def _check_day(state: PursuitState, command: Confirm, today: date) -> None:
    if command.on > today:
        raise DomainError(
            f"on {command.on} lies in the future: confirm what has happened by {today}",
            field="on",
            code="date_in_future",
        )
    if command.on < (first := state.opened_on - LONGEST_BEFORE_OPENING):
        raise DomainError(
            f"on {command.on} lies more than two years before the pursuit was opened, on "
            f"{state.opened_on}: {first} at the earliest",
            field="on",
            code="date_too_early",
        )
    if command.stage in BESIDE_THE_BUDGET:
        return
    decides_grant = command.stage is Stage.GRANT_DECISION
    earlier = [c.on for c in state.confirmed if decides_grant or c.stage not in BESIDE_THE_BUDGET]
    if state.cut_on:
        earlier.append(state.cut_on)
    latest = max(earlier, default=None)
    if latest and command.on < latest:
        raise DomainError(
            f"on {command.on} lies before the previous stage, which was confirmed for {latest}",
            field="on",
            code="date_before_previous_stage",
        )
