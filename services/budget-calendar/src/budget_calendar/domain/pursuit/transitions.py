"""Transitions of a pursuit: from route to route, and to its end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from budget_calendar.domain.days import in_words
from budget_calendar.domain.pursuit.effects import (
    Decision,
    Effect,
    Ended,
    NotifyOwner,
    OwnerReason,
    Replan,
)
from budget_calendar.domain.pursuit.state import (
    Ending,
    HistoryEntry,
    HistoryEntryKind,
    PursuitState,
    ReplanReason,
    Status,
    recorded,
)
from budget_calendar.domain.routes.route import Reason, Route, RouteKind
from budget_calendar.domain.stages import KEPT_ON_ANOTHER_ROUTE, Stage
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.errors import StateConflictError
from kakehashi_common.domain.texts import Text

REASON_IS_GOOD_FOR: Final = timedelta(days=14)
"""The validity of a reason to act that no date limits."""

_BUDGETED_WITH_THE_YEAR: Final = (
    RouteKind.INITIAL_BUDGET,
    RouteKind.DEBT_BURDEN,
    RouteKind.LONG_TERM_CONTRACT,
)


def kept(routes: Sequence[Route]) -> tuple[Route, ...]:
    """Return routes as they are stored: steps stay where somebody could still take the route.

    A person may know that a request was in before its deadline passed, so those stay whole.
    """
    return tuple(
        route
        if route.feasible or route.reason is Reason.DEADLINE_PAST
        else replace(route, steps=(), contract=None, restoration=None)
        for route in routes
    )


def fallback(routes: Sequence[Route], tried: Sequence[str], today: date) -> Route | None:
    """Return the route after a failure: the next supplementary budget, then the next initial one.

    A supplementary budget that starts no earlier, such as that of March, is no gain, and one of an
    extraordinary session (臨時会) is for a person to choose. Without either, whatever else is
    feasible comes next, the best first.
    """
    open_ = [
        r
        for r in routes
        if r.feasible
        and r.steps
        and r.id not in tried
        and (r.latest_action is None or r.latest_action >= today)
    ]
    with_the_year = min(
        (r for r in open_ if r.kind in _BUDGETED_WITH_THE_YEAR), key=lambda r: r.rank, default=None
    )
    regular = [
        r
        for r in open_
        if r.kind is RouteKind.SUPPLEMENTARY_BUDGET and r.reason is not Reason.EXTRAORDINARY_SESSION
    ]
    supplementary = min(regular, key=_starts, default=None)
    if supplementary and (with_the_year is None or _starts(supplementary) < _starts(with_the_year)):
        return supplementary
    return with_the_year or min(open_, key=lambda r: r.rank, default=None)


def _starts(route: Route) -> date:
    return route.starts or date.max


def best(routes: Sequence[Route], tried: Sequence[str]) -> Route | None:
    """Return the route that is proposed first, of those that haven't failed."""
    return next(
        (
            r
            for r in sorted(routes, key=lambda r: r.rank)
            if r.feasible and r.steps and r.id not in tried
        ),
        None,
    )


def route_left(state: PursuitState) -> PursuitState:
    """Return the state without its route; what prepares any route stays done."""
    return replace(
        state,
        route=None,
        confirmed=tuple(c for c in state.confirmed if c.stage in KEPT_ON_ANOTHER_ROUTE),
        cut_on=None,
        begun=(),
        told=(),
        review_on=None,
        awaited=None,
        plan_due_on=None,
    )


def route_taken(state: PursuitState, route: Route, today: date, by: str = "") -> Decision:
    """Take a route, and notify the owner."""
    state = replace(route_left(state), route=route)
    state = recorded(
        state, HistoryEntry(HistoryEntryKind.ROUTE_TAKEN, today, route=route.title, by=by)
    )
    request = route.step(Stage.REQUEST)
    act_by = request.act_by if request else today
    by_day = in_words(act_by)
    text = Text(
        ja=f"「{route.title.ja}」で進めます。{by_day.ja}までに予算要求が必要です。",
        en=f"The route is now: {route.title.en}. The request is due by {by_day.en}.",
    )
    notify = NotifyOwner(OwnerReason.ROUTE_TAKEN, text, today, max(today, act_by))
    return Decision(state, (notify,))


def no_route(state: PursuitState, today: date, business_days: BusinessDays) -> Decision:
    """Wait for another review since nothing is feasible, and notify the owner."""
    again = business_days.shift(today, state.patience.review)
    state = replace(route_left(state), review_on=again)
    state = recorded(state, HistoryEntry(HistoryEntryKind.NO_ROUTE, today, due=again))
    day = in_words(again)
    text = Text(
        ja=f"現在とれる予算化の方法がありません。{day.ja}に再検討します。"
        "金額・開始時期・契約の種類の見直しを検討してください。",
        en=f"No route to a budget is open now; it is looked at again on {day.en}. Consider "
        "another amount, start or kind of contract.",
    )
    notify = NotifyOwner(OwnerReason.NO_ROUTE, text, today, max(again, today), urgent=True)
    return Decision(state, (notify,))


def routes_wanted(
    state: PursuitState, why: ReplanReason, today: date, business_days: BusinessDays
) -> tuple[PursuitState, Replan]:
    """Ask for new routes, and again on the next business day if none come."""
    again = business_days.shift(today, 1)
    return replace(state, awaited=why, plan_due_on=again), Replan(why)


def set_back(
    state: PursuitState, today: date, business_days: BusinessDays, stage: Stage | None = None
) -> Decision:
    """Give up a route that has failed, for good, and look for another one.

    What the council rejected must not be paid from the reserve (予備費, 地方自治法217条2項).
    """
    if state.route is None:
        raise ValueError("without a route nothing can fail")
    failed = state.route
    barred = [r.id for r in state.routes if r.kind is RouteKind.RESERVE]
    given_up = (failed.id, *barred) if stage is Stage.VOTE else (failed.id,)
    state = replace(state, tried=(*state.tried, *given_up))
    state = recorded(
        route_left(state),
        HistoryEntry(HistoryEntryKind.SET_BACK, today, stage=stage, route=failed.title),
    )
    state, replan = routes_wanted(state, ReplanReason.SET_BACK, today, business_days)
    return Decision(state, (replan,))


def ended(state: PursuitState, ending: Ending, on: date, by: str = "", note: str = "") -> Decision:
    """End the pursuit."""
    state = replace(
        state,
        status=Status.ENDED,
        ending=ending,
        paused_until=None,
        review_on=None,
        awaited=None,
        plan_due_on=None,
    )
    state = recorded(state, HistoryEntry(HistoryEntryKind.ENDED, on, by=by, note=note))
    return Decision(state, (Ended(ending, on),))


def then(decision: Decision, *earlier: Effect) -> Decision:
    """Return the decision with effects that come before its own."""
    return replace(decision, effects=(*earlier, *decision.effects))


def refuse_concluded(state: PursuitState) -> None:
    """Refuse what makes no sense once the contract is concluded.

    Raises:
        DomainError: it is.
    """
    if state.contract_concluded:
        raise StateConflictError(
            f"the contract has been concluded on {state.contract_from}: open a new pursuit instead",
            code="contract_concluded",
        )
