"""The rejection of a handoff by its owner, and its return."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from handoff.domain.handoff import clocks, notices
from handoff.domain.handoff.commands import Reject, Resubmit
from handoff.domain.handoff.effects import Decision, NotifyReason
from handoff.domain.handoff.facts import (
    Disqualified,
    Reassigned,
    Recycled,
    Rejected,
    Resubmitted,
    Returned,
)
from handoff.domain.handoff.labels import fact_names
from handoff.domain.handoff.policy import Sla
from handoff.domain.handoff.rejections import REASONS, Consequence, consequence_of
from handoff.domain.handoff.state import FORMER_KEPT, HandoffState, Recycle, Rejection
from handoff.domain.handoff.terms import OWNED, ClockName, ReassignReason, Status
from handoff.domain.handoff.transitions import (
    ended,
    entered,
    require_open,
    require_owner,
    require_status,
    unpaused,
    wanted,
    without_owner,
)
from kakehashi_common.domain.budget_phases import BUDGET_PHASES_JA
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.japanese_writing import moment

LONGEST_RECYCLE: Final = timedelta(days=3 * 366)
"""The longest recycle; beyond it a lead would be forgotten, not nurtured."""

PHASE_COMES_WITHIN: Final = timedelta(days=400)
"""A budget phase returns every year: without a day of its own, a recycle ends then in any case."""


def reject(state: HandoffState, command: Reject, now: datetime, sla: Sla) -> Decision:
    """Reject the handoff for a reason, which decides the consequence; a repetition changes nothing.

    Possible after acceptance, too: some reasons are found only then.

    Raises:
        DomainError: somebody else has it (``not_the_owner``), it has ended (``handoff_ended``), or
            what the reason requires is missing or something else is given (see
            :func:`check_reject`).
    """
    answer = Rejection(
        command.by, command.reason, command.until, command.phase, command.missing_facts
    )
    has_it = command.by == state.owner and state.status in OWNED
    if not has_it and answer in state.rejections:
        return Decision(state, unchanged=True)
    require_open(state)
    require_owner(state, command.by)
    check_reject(command, now)
    state = unpaused(state, now)
    terms, awaited = REASONS[command.reason], state.status is Status.ASSIGNED
    result = clocks.result(state, ClockName.ACCEPT, now, sla) if awaited else None
    fact = Rejected(
        now, command.by, command.reason, terms.consequence, not awaited, result, command.note
    )
    state = replace(state, rejections=(*state.rejections, answer)[-FORMER_KEPT:])
    decision = Decision(state).plus(fact)
    match terms.consequence:
        case Consequence.RECYCLE:
            decision = _recycled(decision, command, now)
        case Consequence.RETURN:
            return _returned(decision, command, now, sla)
        case Consequence.DISQUALIFY:
            decision = decision.at(ended(decision.state, Status.DISQUALIFIED, now))
            decision = decision.plus(Disqualified(now, command.by, command.reason))
        case Consequence.REASSIGN:
            decision = decision.at(without_owner(decision.state, command.reason, now))
            given = Reassigned(now, command.by, ReassignReason.REJECTED, command.by, None)
            decision = wanted(decision.plus(given), now)
    text = f"{command.by}が引き継ぎを見送りました（{terms.label}）。"
    return decision.plus(notices.to_sender(decision.state, NotifyReason.REJECTED, text))


def check_reject(command: Reject, now: datetime) -> None:
    """Refuse a rejection without what its reason requires, or with what it doesn't.

    Raises:
        DomainError: a recycle has neither day nor phase (``until_missing``), its phase is unknown
            (``phase_unknown``), its day past (``in_past``) or too far away (``too_far_away``); a
            return names no facts (``facts_missing``); something is given that the reason doesn't
            use (``not_expected``).
    """
    consequence = consequence_of(command.reason)
    for field, uses in (
        ("until", Consequence.RECYCLE),
        ("phase", Consequence.RECYCLE),
        ("missing_facts", Consequence.RETURN),
    ):
        if getattr(command, field) and consequence is not uses:
            raise DomainError(
                f"{field} isn't used with the reason {command.reason}, which leads to "
                f"{consequence}: leave it out or choose another reason",
                field=field,
                code="not_expected",
            )
    if consequence is Consequence.RETURN and not command.missing_facts:
        raise DomainError(
            "name the facts that are missing, so that the sender knows what to supply",
            field="missing_facts",
            code="facts_missing",
        )
    if consequence is Consequence.RECYCLE:
        _check_until(command, now)


def _check_until(command: Reject, now: datetime) -> None:
    today = now.astimezone(JAPAN).date()
    if command.until is None and command.phase is None:
        raise DomainError(
            f"{command.reason} leads to a recycle: say until which day or budget phase",
            field="until",
            code="until_missing",
        )
    if command.phase is not None and command.phase not in BUDGET_PHASES_JA:
        raise DomainError(
            f"phase {command.phase!r} is unknown: choose one of {', '.join(BUDGET_PHASES_JA)}",
            field="phase",
            code="phase_unknown",
        )
    if command.until is None:
        return
    if command.until <= today:
        raise DomainError(
            f"until {command.until} must lie after today, {today}", field="until", code="in_past"
        )
    if command.until > today + LONGEST_RECYCLE:
        raise DomainError(
            f"until {command.until} is more than three years away: choose "
            f"{today + LONGEST_RECYCLE} at most, or disqualify the lead",
            field="until",
            code="too_far_away",
        )


def _recycled(decision: Decision, command: Reject, now: datetime) -> Decision:
    until = command.until or now.astimezone(JAPAN).date() + PHASE_COMES_WITHIN
    preferred = decision.state.owner
    state = entered(without_owner(decision.state, command.reason, now), Status.RECYCLED, now)
    state = replace(state, preferred=preferred, recycle=Recycle(now, until, command.phase))
    return decision.at(state).plus(Recycled(now, until, command.phase))


def _returned(decision: Decision, command: Reject, now: datetime, sla: Sla) -> Decision:
    preferred = decision.state.owner
    state = entered(without_owner(decision.state, command.reason, now), Status.RETURNED, now)
    state = replace(state, preferred=preferred, missing_facts=command.missing_facts)
    clock = state.clock(ClockName.SUPPLEMENT)
    due = clocks.due_at(state, clock, sla) if clock else now
    text = (
        f"{command.by}が引き継ぎを差し戻しました。不足している情報："
        f"{fact_names(command.missing_facts)}。{moment(due)}までに補足してください。"
    )
    return decision.at(state).plus(
        Returned(now, command.by, command.missing_facts),
        notices.to_sender(state, NotifyReason.FACTS_MISSING, text, act_by=due),
    )


def resubmit(state: HandoffState, command: Resubmit, now: datetime, sla: Sla) -> Decision:
    """Hand off again with the facts that were missing; the member who asked for them is preferred.

    The facts themselves are in the packet; the command has only their names.

    Raises:
        DomainError: it isn't returned (``wrong_status``, ``handoff_ended``), or one of the facts is
            still missing (``facts_missing``).
    """
    supplied = frozenset(command.supplied_facts)
    if (
        state.status is not Status.RETURNED
        and state.missing_facts
        and supplied.issuperset(state.missing_facts)
    ):
        return Decision(state, unchanged=True)
    require_status(state, {Status.RETURNED}, "only a returned one awaits facts")
    if left := [fact for fact in state.missing_facts if fact not in supplied]:
        raise DomainError(
            f"still missing: {', '.join(left)}; supply each of them, if only by saying in the "
            "packet that it can't be found out",
            field="supplied_facts",
            code="facts_missing",
        )
    state = unpaused(state, now)
    result = clocks.result(state, ClockName.SUPPLEMENT, now, sla)
    fact = Resubmitted(now, command.by, command.supplied_facts, result)
    return wanted(Decision(state).plus(fact), now)
