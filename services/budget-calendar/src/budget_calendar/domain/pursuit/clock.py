"""Carry out what the clock brings: beginnings, reminders, reviews, successors."""

from dataclasses import replace
from datetime import date

from budget_calendar.domain.days import in_words
from budget_calendar.domain.goals import successor_goal
from budget_calendar.domain.pursuit.commands import (
    Begin,
    ConfirmationOverdue,
    FromClock,
    OpenSuccessor,
)
from budget_calendar.domain.pursuit.effects import (
    BeginSuccessor,
    Decision,
    NotifyOwner,
    OwnerReason,
)
from budget_calendar.domain.pursuit.state import (
    HistoryEntry,
    HistoryEntryKind,
    Level,
    PursuitState,
    ReplanReason,
    SentReminder,
    recorded,
)
from budget_calendar.domain.pursuit.timers import due
from budget_calendar.domain.pursuit.transitions import (
    REASON_IS_GOOD_FOR,
    routes_wanted,
    set_back,
    then,
)
from budget_calendar.domain.routes.route import Step
from budget_calendar.domain.stages import STAGE_NAMES, Stage
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text


def _refuse_not_due(
    state: PursuitState, command: FromClock, today: date, business_days: BusinessDays
) -> None:
    """Refuse a command of the clock whose day has not come, or that was carried out already.

    Raises:
        DomainError: it is not due.
    """
    earlier = due(state, today, business_days, by_lead_time=False)
    if command not in (*due(state, today, business_days), *earlier):
        raise DomainError(f"{command} is not due on {today}", code="not_due")


def _begin(state: PursuitState, command: Begin, today: date) -> Decision:
    """Notify the owner that a stage should be begun."""
    step = next(step for step in state.steps_to_begin if step.stage is command.stage)
    state = replace(state, begun=(*state.begun, command.stage))
    name, day = STAGE_NAMES[command.stage], in_words(step.act_by)
    hint = step.note or Text(ja="", en="")
    text = Text(
        ja=f"{name.ja}の準備を始める時期です（期限{day.ja}）。{hint.ja}",
        en=f"Time to begin: {name.en}, due by {day.en}. {hint.en}".strip(),
    )
    notify = NotifyOwner(
        OwnerReason.STAGE_BEGINS, text, today, max(today, step.act_by), stage=command.stage
    )
    return Decision(state, (notify,))


def _overdue(
    state: PursuitState, command: ConfirmationOverdue, today: date, business_days: BusinessDays
) -> Decision:
    """Ask the owner for a confirmation, a second time with emphasis.

    A restoration nobody confirms counts as refused: its deadline is past.
    """
    step = _open_step(state, command.stage)
    escalated = command.level is Level.ESCALATION
    kind = HistoryEntryKind.ESCALATED if escalated else HistoryEntryKind.REMINDED
    state = replace(
        state,
        told=(*state.told, SentReminder(command.stage, command.level, step.confirmed_by, today)),
    )
    state = recorded(state, HistoryEntry(kind, today, stage=command.stage, due=step.confirmed_by))
    notify = _unconfirmed(command.stage, step, today, urgent=escalated)
    if escalated and state.cut_on and command.stage is Stage.ASSESSMENT:
        return then(set_back(state, today, business_days, command.stage), notify)
    if escalated:
        review = business_days.shift(today, state.patience.review)
        state = replace(state, review_on=review)
    return Decision(state, (notify,))


def _review(state: PursuitState, today: date, business_days: BusinessDays) -> Decision:
    """Look again at a pursuit that nothing else would move."""
    if state.awaited or state.route is None:
        why = state.awaited or ReplanReason.NO_ROUTE
        state, replan = routes_wanted(state, why, today, business_days)
        return Decision(state, (replan,))
    step = state.next_step
    if step is None:
        raise ValueError("an active pursuit on a route has a next step")
    again = business_days.shift(today, state.patience.review)
    state = replace(state, review_on=again)
    notify = _unconfirmed(step.stage, step, today, urgent=True)
    if state.requested or state.contract_concluded:
        entry = HistoryEntry(
            HistoryEntryKind.ESCALATED, today, stage=step.stage, due=step.confirmed_by
        )
        return Decision(recorded(state, entry), (notify,))
    state, replan = routes_wanted(state, ReplanReason.UNANSWERED, today, business_days)
    return Decision(state, (notify, replan))


def _open_successor(state: PursuitState, today: date) -> Decision:
    """Begin the budget of the contract that follows."""
    until = state.contract_until
    if until is None:
        raise ValueError("without a contract there is no successor")
    goal = successor_goal(state.goal, until)
    state = replace(state, successor_opened_on=today)
    state = recorded(state, HistoryEntry(HistoryEntryKind.SUCCESSOR_OPENED, today, due=until))
    day = in_words(until)
    text = Text(
        ja=f"契約は{day.ja}に満了します。後継の契約に向けた予算化を始めます。",
        en=f"The contract ends on {day.en}: work on the budget of its successor begins.",
    )
    notify = NotifyOwner(OwnerReason.RENEWAL_BEGINS, text, today, today + REASON_IS_GOOD_FOR)
    return Decision(state, (BeginSuccessor(goal), notify))


def from_clock(
    state: PursuitState, command: FromClock, today: date, business_days: BusinessDays
) -> Decision:
    """Carry out what is due; a pause's end is decided elsewhere.

    Raises:
        DomainError: it is not due.
    """
    _refuse_not_due(state, command, today, business_days)
    if isinstance(command, Begin):
        return _begin(state, command, today)
    if isinstance(command, ConfirmationOverdue):
        return _overdue(state, command, today, business_days)
    if isinstance(command, OpenSuccessor):
        return _open_successor(state, today)
    return _review(state, today, business_days)


def _open_step(state: PursuitState, stage: Stage) -> Step:
    return next(step for step in state.open_steps if step.stage is stage)


def _unconfirmed(stage: Stage, step: Step, today: date, *, urgent: bool) -> NotifyOwner:
    name, day = STAGE_NAMES[stage], in_words(step.confirmed_by)
    text = Text(
        ja=f"{name.ja}（{day.ja}）の結果がまだ確認されていません。担当課に確認のうえ入力して"
        "ください。",
        en=f"Nobody has confirmed the {name.en} of {day.en}: ask the department and record "
        "what happened.",
    )
    return NotifyOwner(
        OwnerReason.STAGE_UNCONFIRMED, text, today, today + REASON_IS_GOOD_FOR, urgent, stage
    )
