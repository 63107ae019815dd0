"""Pauses, which stop the clocks, and the rest of a recycled handoff."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handoff.domain.handoff import notices
from handoff.domain.handoff.commands import CLOCK, PauseClocks, PhaseEntered, Resume, Wake
from handoff.domain.handoff.effects import Decision, NotifyReason
from handoff.domain.handoff.facts import Paused, Resumed, Woken
from handoff.domain.handoff.policy import ClockPolicy, Sla
from handoff.domain.handoff.state import HandoffState, Pause
from handoff.domain.handoff.terms import PauseReason, Status
from handoff.domain.handoff.transitions import require_open, require_status, unpaused, wanted
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.domain.japanese_writing import moment

MOST_PAUSES: Final = 50
"""Pauses of one round."""

PAUSABLE: Final = frozenset({Status.ASSIGNED, Status.ACCEPTED, Status.CONTACTED, Status.RETURNED})
"""Statuses in which a clock expects a step of a person. An assignment is our own, and at once."""


def pause(state: HandoffState, command: PauseClocks, now: datetime, sla: Sla) -> Decision:
    """Stop all clocks until an instant, or until somebody resumes or answers; again: no change.

    Raises:
        DomainError: no clock expects anything of a person (``wrong_status``, ``handoff_ended``), it
            is paused already (``already_paused``) or was too often (``too_many``), the policy
            doesn't know the reason (``reason_not_allowed``), or ``until`` is past (``in_past``) or
            goes beyond what is left of the reason's limit (``pause_too_long``).
    """
    present = state.pause
    if present and (present.reason, present.until) == (command.reason, command.until):
        return Decision(state, unchanged=True)
    require_status(state, PAUSABLE, "there is nothing to pause, as nothing is awaited of a person")
    if present:
        raise StateConflictError(
            f"the handoff is paused until {present.until.isoformat()}: resume it first",
            code="already_paused",
        )
    _check_pause(state, command, now, sla.policy)
    begun = Pause(command.reason, now, command.until)
    return Decision(replace(state, pauses=(*state.pauses, begun))).plus(
        Paused(now, command.by, command.reason, command.until, command.note)
    )


def _check_pause(
    state: HandoffState, command: PauseClocks, now: datetime, policy: ClockPolicy
) -> None:
    if command.until <= now:
        raise DomainError(
            f"until {command.until.isoformat()} must lie in the future",
            field="until",
            code="in_past",
        )
    if len(state.pauses) >= MOST_PAUSES:
        raise DomainError(
            f"the handoff has been paused {MOST_PAUSES} times: have it reassigned, or reject it",
            code="too_many",
        )
    limit = policy.pause_limits.get(command.reason)
    if limit is None:
        raise DomainError(
            f"nobody may pause for {command.reason}: choose one of "
            f"{', '.join(policy.pause_limits) or 'none'}",
            field="reason",
            code="reason_not_allowed",
        )
    latest = now + limit - paused_for(state, command.reason)
    if command.until > latest:
        raise DomainError(
            f"a pause for {command.reason} may last until {latest.isoformat()} at most "
            f"({limit.days} days altogether): reject the handoff with a reason that recycles it if "
            "it takes longer",
            field="until",
            code="pause_too_long",
        )


def paused_for(state: HandoffState, reason: PauseReason) -> timedelta:
    """Return for how long the round has been paused for a reason; an open pause doesn't count."""
    ended = (each for each in state.pauses if each.reason is reason and each.ended_at)
    return sum(((each.ended_at or each.until) - each.started_at for each in ended), timedelta(0))


def resume(state: HandoffState, command: Resume, now: datetime) -> Decision:
    """Let the clocks run again; again: nothing changes.

    Raises:
        DomainError: it has never been paused (``not_paused``), or the clock is early (``not_due``).
    """
    present = state.pause
    if present is None:
        if state.pauses and command.by != CLOCK:
            return Decision(state, unchanged=True)
        require_open(state)
        raise StateConflictError("the handoff isn't paused", code="not_paused")
    if command.by == CLOCK and now < present.until:
        raise StateConflictError(
            f"the pause lasts until {present.until.isoformat()}", code="not_due"
        )
    decision = Decision(unpaused(state, now)).plus(Resumed(now, command.by))
    text = "一時停止していた引き継ぎの期限が再び進み始めました。対応を再開してください。"
    if state.owner is None:
        return decision.plus(notices.to_sender(state, NotifyReason.RESUMED, text))
    return decision.plus(notices.to_member(state.owner, NotifyReason.RESUMED, text))


def wake(state: HandoffState, command: Wake, now: datetime, sla: Sla) -> Decision:
    """End the rest and look for an owner, preferably the one who recycled it; again: no change.

    Raises:
        DomainError: it isn't recycled (``wrong_status``, ``handoff_ended``), or the clock is early
            (``not_due``).
    """
    if state.recycle is None:
        if state.round > 1 and command.by != CLOCK and not state.ended:
            return Decision(state, unchanged=True)
        require_status(state, {Status.RECYCLED}, "only a recycled one can wake")
    if command.by == CLOCK and now < wakes_at(state, sla):
        raise StateConflictError(f"it rests until {moment(wakes_at(state, sla))}", code="not_due")
    return _woken(state, now, command.by, None)


def phase_entered(state: HandoffState, command: PhaseEntered, now: datetime) -> Decision:
    """End the rest if it lasts until this phase; otherwise nothing changes.

    A phase that had begun by the day of the recycle is no news: its next beginning is meant.
    """
    rest = state.recycle
    if (
        rest is None
        or rest.phase != command.phase
        or command.began_on <= rest.since.astimezone(JAPAN).date()
    ):
        return Decision(state, unchanged=True)
    return _woken(state, now, command.by, command.phase)


def wakes_at(state: HandoffState, sla: Sla) -> datetime:
    """Return when it wakes by itself: when the team opens on that day, or next after it.

    Raises:
        ValueError: it isn't recycled.
    """
    if state.recycle is None:
        raise ValueError("only a recycled handoff wakes")
    midnight = datetime.combine(state.recycle.until, datetime.min.time(), JAPAN)
    return sla.team.next_open(midnight)


def _woken(state: HandoffState, now: datetime, by: str, phase: str | None) -> Decision:
    state = replace(
        state,
        recycle=None,
        round=state.round + 1,
        clocks=(),
        pauses=(),
        reassignments=0,
        missing_facts=(),
    )
    decision = wanted(Decision(state).plus(Woken(now, by, phase)), now)
    text = "再アプローチの時期になったため、引き継ぎを再開しました。"
    return decision.plus(notices.to_sender(state, NotifyReason.WOKEN, text))
