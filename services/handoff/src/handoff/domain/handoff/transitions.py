"""Move a handoff from one status to the next, and refuse what its status doesn't allow."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from handoff.domain.assignment.choice import Basis
from handoff.domain.handoff import clocks, notices
from handoff.domain.handoff.effects import AssignmentWanted, Decision, NotifyReason
from handoff.domain.handoff.facts import Assigned, LeadAnswered
from handoff.domain.handoff.policy import Sla
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.state import FORMER_KEPT, FormerOwner, HandoffState
from handoff.domain.handoff.terms import CLOCK_OF, ENDED, OWNED, ClockName, ReassignReason, Status
from kakehashi_common.domain.errors import StateConflictError
from kakehashi_common.domain.japanese_writing import moment


def entered(
    state: HandoffState, status: Status, at: datetime, *, now: datetime | None = None
) -> HandoffState:
    """Return the state in that status since ``at``: its clock starts, other clocks and pauses end.

    The clock of the lead's answer runs until the lead is answered, the handoff rests or it ends.

    Args:
        state: before.
        status: the new one.
        at: when it happened.
        now: when it is recorded, which ends a pause; ``None``: at the same time.
    """
    state = unpaused(state, now or at)
    clock = CLOCK_OF.get(status)
    goes_on = {clock} if clock and CLOCK_OF.get(state.status) is clock else set[ClockName]()
    if status not in ENDED | {Status.RECYCLED}:
        goes_on.add(ClockName.RESPOND)
    for each in state.running:
        if each.name not in goes_on:
            state = clocks.stopped(state, each.name, at)
    if clock and clock not in goes_on:
        state = clocks.started(state, clock, at)
    return replace(state, status=status)


def unpaused(state: HandoffState, at: datetime) -> HandoffState:
    """Return the state without an open pause; the pause ends at its limit at the latest."""
    if state.pause is None:
        return state
    ended_at = max(state.pause.started_at, min(at, state.pause.until))
    return replace(state, pauses=(*state.pauses[:-1], replace(state.pause, ended_at=ended_at)))


def without_owner(
    state: HandoffState, reason: ReassignReason | RejectionReason, now: datetime
) -> HandoffState:
    """Return the state whose owner has become a former one."""
    if state.owner is None:
        return state
    former = FormerOwner(state.owner, now, reason, state.round)
    return replace(
        state,
        owner=None,
        former_owners=(*state.former_owners, former)[-FORMER_KEPT:],
        assigned_at=None,
        accepted_at=None,
        contacted_at=None,
        met_at=None,
    )


def wanted(decision: Decision, now: datetime) -> Decision:
    """Return the decision to look for an owner."""
    state = entered(decision.state, Status.REQUESTED, now)
    state = replace(
        state, attempt=state.attempt + 1, assignment_wanted_at=now, unassigned_reasons=()
    )
    want = AssignmentWanted(state.attempt, state.preferred, state.excluded)
    return decision.at(state).plus(want)


def assigned(
    decision: Decision, member_id: str, basis: Basis | None, now: datetime, sla: Sla
) -> Decision:
    """Return the decision that this member is asked to accept."""
    state = decision.state
    if state.status in OWNED:  # it passes from hand to hand: the next owner's clock is a new one
        state = entered(state, Status.REQUESTED, now)
    result = clocks.result(state, ClockName.ASSIGN, now, sla)
    state = entered(state, Status.ASSIGNED, now)
    answer_by = clocks.accept_by(state, now, sla)
    state = replace(
        state,
        owner=member_id,
        assigned_at=now,
        assignment_wanted_at=None,
        unassigned_reasons=(),
        preferred=None,
    )
    return decision.at(state).plus(
        Assigned(now, member_id, answer_by, result, basis),
        notices.to_member(
            member_id,
            NotifyReason.ASSIGNED,
            f"新しい引き継ぎがあります。{moment(answer_by)}までに受諾の可否を回答してください。",
            act_by=answer_by,
        ),
    )


def lead_answered(decision: Decision, at: datetime, by: str, sla: Sla) -> Decision:
    """Return the decision with the lead answered; unchanged if it was, or no answer is awaited."""
    state = decision.state
    clock = state.clock(ClockName.RESPOND)
    if clock is None or clock.stopped_at is not None:
        return decision
    result = clocks.result(state, ClockName.RESPOND, at, sla)
    state = clocks.stopped(state, ClockName.RESPOND, at)
    state = replace(state, lead_answered_at=result.stopped_at)
    return decision.at(state).plus(LeadAnswered(at, by, result))


def ended(state: HandoffState, status: Status, now: datetime) -> HandoffState:
    """Return the state after its end; the owner stays the last one."""
    state = entered(state, status, now)
    return replace(
        state, ended_at=now, assignment_wanted_at=None, unassigned_reasons=(), recycle=None
    )


def require_open(state: HandoffState) -> None:
    """Refuse a command that makes no sense after the end.

    Raises:
        DomainError: the handoff has ended (``handoff_ended``).
    """
    if state.ended:
        on = moment(state.ended_at) if state.ended_at else ""
        raise StateConflictError(
            f"the handoff has ended: {state.status} on {on}; request a new one for the lead",
            code="handoff_ended",
        )


def require_status(state: HandoffState, allowed: Collection[Status], fix: str) -> None:
    """Refuse a command that makes no sense in this status.

    Raises:
        DomainError: it has ended (``handoff_ended``), or it is in another status
            (``wrong_status``).
    """
    require_open(state)
    if state.status not in allowed:
        raise StateConflictError(f"the handoff is {state.status}: {fix}", code="wrong_status")


def require_owner(state: HandoffState, by: str, *, or_further: bool = False) -> None:
    """Refuse an answer of somebody else.

    Raises:
        DomainError: ``by`` isn't the owner; the message names who is (``not_the_owner``).
    """
    if by == state.owner or (or_further and by in state.owners):
        return
    if state.owner is None:
        now = {
            Status.RECYCLED: "nobody has the handoff while it rests",
            Status.RETURNED: "the handoff is with its sender, who supplies facts",
        }.get(state.status, "nobody has the handoff now; an owner is being looked for")
        raise StateConflictError(f"{by} is not the owner: {now}", field="by", code="not_the_owner")
    has_it = "has accepted it" if state.accepted_at else "has been asked to accept it"
    since = state.accepted_at or state.assigned_at
    raise StateConflictError(
        f"the owner is {state.owner}, who {has_it} on {moment(since) if since else ''}: "
        f"ask {state.owner}, or have it reassigned",
        field="by",
        code="not_the_owner",
    )
