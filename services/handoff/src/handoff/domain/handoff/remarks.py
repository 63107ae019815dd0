"""Commands that don't move a handoff: qualifications, answers, ratings, overrides."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handoff.domain.handoff import notices
from handoff.domain.handoff.commands import AnswerLead, Join, OverrideReadiness, Rate
from handoff.domain.handoff.effects import Decision, NotifyReason
from handoff.domain.handoff.facts import Joined, Rated, ReadinessOverridden
from handoff.domain.handoff.policy import Sla
from handoff.domain.handoff.state import (
    QUALIFICATIONS_KEPT,
    HandoffState,
    Rating,
)
from handoff.domain.handoff.terms import ClockName, Direction, Status
from handoff.domain.handoff.transitions import lead_answered, require_open
from handoff.domain.readiness import Override
from kakehashi_common.domain.errors import DomainError, StateConflictError
from kakehashi_common.domain.japanese_writing import moment

RATING_OPEN: Final = timedelta(days=14)
"""The time after its end during which a handoff can be rated, and a rating be changed."""


def join(state: HandoffState, command: Join, now: datetime) -> Decision:
    """Join another qualification of the lead; a repetition changes nothing.

    It moves nothing: a recycled handoff rests on, a returned one still lacks its facts. But the
    owner, or the owner when it was recycled, is notified and may wake it.

    Raises:
        DomainError: it has ended (``handoff_ended``): the qualification begins a new one.
    """
    if command.qualification_id in state.qualifications:
        return Decision(state, unchanged=True)
    require_open(state)
    known = (*state.qualifications, command.qualification_id)[-QUALIFICATIONS_KEPT:]
    decision = Decision(
        replace(state, qualifications=known, grade=command.grade or state.grade)
    ).plus(Joined(now, command.qualification_id, command.grade))
    text = "対応中のリードが再び引き継ぎの条件を満たしました。進行中の引き継ぎに統合しました。"
    if state.status is Status.RECYCLED:
        text = "再アプローチ待ちのリードが再び条件を満たしました。再開を検討してください。"
    member = state.owner or state.preferred
    if member is None:
        return decision.plus(notices.to_sender(state, NotifyReason.QUALIFIED_AGAIN, text))
    return decision.plus(notices.to_member(member, NotifyReason.QUALIFIED_AGAIN, text))


def answer_lead(state: HandoffState, command: AnswerLead, now: datetime, sla: Sla) -> Decision:
    """Record the first answer of inside sales; a further one changes nothing.

    Raises:
        DomainError: it has ended (``handoff_ended``), no answer is awaited
            (``no_answer_awaited``), or the time is wrong (``in_future``, ``before_lead``).
    """
    clock = state.clock(ClockName.RESPOND)
    if state.lead_answered_at is not None or (clock and clock.stopped_at):
        return Decision(state, unchanged=True)
    require_open(state)
    if clock is None or state.lead_created_at is None:
        raise StateConflictError(
            "no answer to the lead is awaited: lead_created_at was not given, or it has rested",
            code="no_answer_awaited",
        )
    if command.at > now:
        raise DomainError(
            f"at {command.at.isoformat()} lies in the future: record it once it has happened",
            field="at",
            code="in_future",
        )
    if command.at < state.lead_created_at:
        raise DomainError(
            f"at lies before the lead came in, on {moment(state.lead_created_at)}",
            field="at",
            code="before_lead",
        )
    return lead_answered(Decision(state), command.at, command.by, sla)


def rate(state: HandoffState, command: Rate, now: datetime) -> Decision:
    """Rate the other side's work, or change one's own rating; a repetition changes nothing.

    Possible until ``RATING_OPEN`` after the end.

    Raises:
        DomainError: it is too late (``rating_closed``), nobody has had the handoff yet
            (``nobody_to_rate``), ``by`` has had no part in it (``not_involved``) or is both sides
            (``own_rating``).
    """
    present = next((each for each in state.ratings if each.direction is command.direction), None)
    if present and (present.by, present.score, present.reason) == (
        command.by,
        command.score,
        command.reason,
    ):
        return Decision(state, unchanged=True)
    _check_rate(state, command, now)
    others = tuple(each for each in state.ratings if each.direction is not command.direction)
    rating = Rating(command.direction, command.score, command.reason, command.by, now)
    decision = Decision(replace(state, ratings=(*others, rating))).plus(
        Rated(
            now, command.by, command.direction, command.score, command.reason, present is not None
        )
    )
    text = f"引き継ぎの評価が届きました（5段階中{command.score}）。"
    if command.direction is Direction.RECEIVER_RATES_SENDER:
        return decision.plus(notices.to_sender(state, NotifyReason.RATED, text))
    rated = receiver(state)
    return decision.plus(notices.to_member(rated, NotifyReason.RATED, text)) if rated else decision


def changeable_until(state: HandoffState) -> datetime | None:
    """Return until when ratings can be given and changed; ``None``: the handoff hasn't ended."""
    return state.ended_at + RATING_OPEN if state.ended_at else None


def receiver(state: HandoffState) -> str | None:
    """Return who has the handoff, or had it last; ``None``: nobody has had it."""
    former = state.former_owners[-1].member_id if state.former_owners else None
    return state.owner or former


def _check_rate(state: HandoffState, command: Rate, now: datetime) -> None:
    until = changeable_until(state)
    if until and now > until:
        raise StateConflictError(
            f"ratings could be given and changed until {moment(until)}", code="rating_closed"
        )
    received = receiver(state)
    if received is None:
        raise StateConflictError("nobody has had the handoff yet", code="nobody_to_rate")
    if command.direction is Direction.SENDER_RATES_RECEIVER:
        allowed = {command.by} if state.sender is None else {state.sender}
        rated = received
    else:
        allowed = {*state.owners, *(each.member_id for each in state.former_owners)}
        rated = state.sender or ""
    if command.by not in allowed:
        raise StateConflictError(
            f"{command.by} has had no part in the handoff; {', '.join(sorted(allowed))} may rate",
            field="by",
            code="not_involved",
        )
    if command.by == rated:
        raise DomainError(
            f"{command.by} is both sides of the handoff: nobody rates themselves",
            field="by",
            code="own_rating",
        )


def override_readiness(state: HandoffState, command: OverrideReadiness, now: datetime) -> Decision:
    """Answer a criterion of readiness instead of the rule; a repetition changes nothing.

    Raises:
        DomainError: it has ended (``handoff_ended``).
    """
    override = Override(command.criterion, command.answer, command.reason, command.by, now)
    if any(replace(each, at=now) == override for each in state.overrides):
        return Decision(state, unchanged=True)
    require_open(state)
    others = tuple(each for each in state.overrides if each.criterion is not command.criterion)
    return Decision(replace(state, overrides=(*others, override))).plus(
        ReadinessOverridden(now, command.by, command.criterion, command.answer, command.reason)
    )
