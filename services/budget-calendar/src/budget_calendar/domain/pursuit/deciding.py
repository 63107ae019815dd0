"""Decisions of a pursuit: a command and a day in, a new state and its effects out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from budget_calendar.domain.goals import PursuitGoal
from budget_calendar.domain.pursuit.clock import from_clock
from budget_calendar.domain.pursuit.commands import (
    CLOCK,
    LONGEST_BY,
    LONGEST_NAME,
    LONGEST_NOTE,
    Cancel,
    ChooseRoute,
    Command,
    Confirm,
    EndPause,
    Message,
    Pause,
    Resume,
    ReviseGoal,
    RoutesPlanned,
)
from budget_calendar.domain.pursuit.confirming import confirm
from budget_calendar.domain.pursuit.effects import Decision, NotifyOwner, OwnerReason
from budget_calendar.domain.pursuit.replanning import routes_arrived
from budget_calendar.domain.pursuit.state import (
    Ending,
    HistoryEntry,
    HistoryEntryKind,
    PursuitState,
    ReminderPolicy,
    ReplanReason,
    Status,
    recorded,
)
from budget_calendar.domain.pursuit.transitions import (
    REASON_IS_GOOD_FOR,
    best,
    ended,
    kept,
    no_route,
    refuse_concluded,
    route_taken,
    routes_wanted,
    then,
)
from budget_calendar.domain.routes.route import Reason, Route
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.errors import DomainError, StateConflictError, require_text
from kakehashi_common.domain.texts import Text

LONGEST_PAUSE: Final = timedelta(days=3 * 366)
"""Beyond that a pursuit is forgotten, not paused."""


def open_pursuit(  # noqa: PLR0913 - what identifies a pursuit
    pursuit_id: str,
    municipality_code: str,
    owner: str,
    goal: PursuitGoal,
    routes: Sequence[Route],
    today: date,
    *,
    business_days: BusinessDays,
    policy: ReminderPolicy | None = None,
) -> Decision:
    """Open a pursuit on the route that is proposed first; a person may choose another.

    Raises:
        DomainError: see :func:`check_opening`.
    """
    check_opening(pursuit_id, owner)
    state = PursuitState(
        pursuit_id,
        municipality_code,
        owner,
        today,
        goal,
        policy or ReminderPolicy(),
        version=1,
        routes=kept(routes),
    )
    state = recorded(state, HistoryEntry(HistoryEntryKind.OPENED, today, by=owner))
    route = best(routes, ())
    return route_taken(state, route, today) if route else no_route(state, today, business_days)


def check_opening(pursuit_id: str, owner: str) -> None:
    """Refuse invalid identifiers of a pursuit.

    Raises:
        DomainError: the id or the owner is empty (``empty``), too long (``too_long``) or no text
            (``not_text``).
    """
    for field, value in (("pursuit_id", pursuit_id), ("owner", owner)):
        if not value.strip():
            raise DomainError(f"{field} is empty", field=field, code="empty")
        if len(value) > LONGEST_NAME:
            raise DomainError(
                f"{field} must be at most {LONGEST_NAME} characters, not {len(value)}",
                field=field,
                code="too_long",
            )
        require_text(value, field)


def decide(
    state: PursuitState, command: Command, today: date, business_days: BusinessDays
) -> Decision:
    """Return the state after a command, and its effects.

    Args:
        state: where the pursuit stands; it is never changed.
        command: what is asked.
        today: the day in Japan.
        business_days: on which days the municipality's offices are open.

    Raises:
        DomainError: the command makes no sense here; it names the field and the fix.
    """
    _refuse_wordless(command)
    _refuse_out_of_place(state, command)
    decision = _decide(state, command, today, business_days)
    return replace(decision, state=replace(decision.state, version=state.version + 1))


def note_refusal(state: PursuitState, reason: Text, by: str, today: date) -> Decision:
    """Note in the history what was refused; for messages that get no answer."""
    entry = HistoryEntry(
        HistoryEntryKind.REFUSED,
        today,
        by=by,
        note=reason.en[:LONGEST_NOTE],
        note_ja=reason.ja[:LONGEST_NOTE],
    )
    state = recorded(state, entry)
    return Decision(replace(state, version=state.version + 1))


def _decide(
    state: PursuitState, command: Command, today: date, business_days: BusinessDays
) -> Decision:
    match command:
        case Confirm():
            decision = confirm(state, command, today, business_days)
        case ChooseRoute():
            decision = _choose_route(state, command, today)
        case ReviseGoal():
            decision = _revise_goal(state, command, today, business_days)
        case Pause():
            decision = _pause(state, command, today)
        case Resume():
            decision = _resume(state, command.by, today, business_days)
        case EndPause():
            decision = _end_pause(state, today, business_days)
        case Cancel():
            decision = ended(state, Ending.CANCELLED, today, command.by, command.note)
        case RoutesPlanned():
            decision = routes_arrived(state, command.routes, today, business_days)
        case _:
            decision = from_clock(state, command, today, business_days)
    return decision


def _refuse_wordless(command: Command) -> None:
    if isinstance(command, Message):
        require_by(command.by)
    require_text(getattr(command, "note", ""), "note")
    if isinstance(command, Confirm | Pause | Cancel) and len(command.note) > LONGEST_NOTE:
        raise DomainError(
            f"note must be at most {LONGEST_NOTE} characters, not {len(command.note)}",
            field="note",
            code="note_too_long",
        )


def require_by(by: str) -> None:
    """Refuse a command that nobody can be held to have given.

    Raises:
        DomainError: ``by`` is empty or too long (``by_missing``), or no text (``not_text``).
    """
    if not (by.strip() and len(by) <= LONGEST_BY):
        raise DomainError(
            f"by must name who asks for it, in 1–{LONGEST_BY} characters",
            field="by",
            code="by_missing",
        )
    require_text(by, "by")


def _refuse_out_of_place(state: PursuitState, command: Command) -> None:
    if state.status is Status.ENDED:
        raise StateConflictError(
            f"the pursuit has ended ({state.ending}): open a new one", code="pursuit_ended"
        )
    if state.status is Status.PAUSED and not isinstance(
        command, Resume | EndPause | Cancel | RoutesPlanned
    ):
        raise StateConflictError(
            f"the pursuit is paused until {state.paused_until}: resume it first",
            code="pursuit_paused",
        )


def _choose_route(state: PursuitState, command: ChooseRoute, today: date) -> Decision:
    refuse_concluded(state)
    route = next((r for r in state.routes if r.id == command.route_id), None)
    if route is None:
        raise DomainError(
            f"route_id {command.route_id!r} is not among the proposed routes: "
            f"{', '.join(r.id for r in state.routes if r.feasible) or 'none is feasible now'}",
            field="route_id",
            code="route_unknown",
        )
    if not route.steps or not (route.feasible or route.reason is Reason.DEADLINE_PAST):
        raise StateConflictError(
            f"route {route.id} is not feasible: {route.explanation.en}",
            field="route_id",
            code="route_not_feasible",
        )
    if state.route and state.route.id == route.id:
        raise StateConflictError(
            f"route {route.id} is the present one", field="route_id", code="route_taken"
        )
    return route_taken(state, route, today, command.by)


def _revise_goal(
    state: PursuitState, command: ReviseGoal, today: date, business_days: BusinessDays
) -> Decision:
    refuse_concluded(state)
    if command.goal == state.goal:
        raise StateConflictError("the goal is the present one", field="goal", code="goal_unchanged")
    state = replace(state, goal=command.goal)
    state = recorded(state, HistoryEntry(HistoryEntryKind.GOAL_REVISED, today, by=command.by))
    why = ReplanReason.GOAL_REVISED if state.route else ReplanReason.NO_ROUTE
    state, replan = routes_wanted(state, why, today, business_days)
    return Decision(state, (replan,))


def _pause(state: PursuitState, command: Pause, today: date) -> Decision:
    if command.until <= today:
        raise DomainError(
            f"until {command.until} must lie after today, {today}",
            field="until",
            code="date_in_past",
        )
    if command.until > today + LONGEST_PAUSE:
        raise DomainError(
            f"until {command.until} is more than three years away: cancel the pursuit, or pause "
            f"it until {today + LONGEST_PAUSE} at most",
            field="until",
            code="pause_too_long",
        )
    state = replace(state, status=Status.PAUSED, paused_until=command.until)
    entry = HistoryEntry(
        HistoryEntryKind.PAUSED, today, due=command.until, by=command.by, note=command.note
    )
    return Decision(recorded(state, entry))


def _end_pause(state: PursuitState, today: date, business_days: BusinessDays) -> Decision:
    if state.paused_until is not None and today < state.paused_until:
        raise DomainError(f"the pause lasts until {state.paused_until}", code="not_due")
    return _resume(state, CLOCK, today, business_days)


def _resume(state: PursuitState, by: str, today: date, business_days: BusinessDays) -> Decision:
    if state.status is not Status.PAUSED:
        raise StateConflictError("the pursuit is not paused", code="not_paused")
    state = replace(state, status=Status.ACTIVE, paused_until=None)
    state = recorded(state, HistoryEntry(HistoryEntryKind.RESUMED, today, by=by))
    notify = NotifyOwner(
        OwnerReason.RESUMED,
        Text(ja="案件を再開しました。", en="The pursuit has been resumed."),
        today,
        today + REASON_IS_GOOD_FOR,
    )
    if state.contract_concluded:
        return Decision(state, (notify,))
    why = ReplanReason.RESUMED if state.route else ReplanReason.NO_ROUTE
    state, replan = routes_wanted(state, why, today, business_days)
    return then(Decision(state, (replan,)), notify)
