"""Assign a handoff by the assignment's result, or take it from one member for another."""

from dataclasses import replace
from datetime import datetime

from handoff.domain.assignment.choice import Assignment, NobodyEligible
from handoff.domain.assignment.eligibility import Demand
from handoff.domain.handoff import clocks, notices
from handoff.domain.handoff.commands import (
    Assign,
    LeaveUnassigned,
    NameFurtherOwner,
    Reassign,
)
from handoff.domain.handoff.effects import AssignmentWanted, Decision, NotifyReason
from handoff.domain.handoff.facts import (
    Escalated,
    FurtherOwnerNamed,
    Reassigned,
    Unassigned,
    UnassignedReason,
)
from handoff.domain.handoff.labels import FUNCTIONS
from handoff.domain.handoff.policy import Sla
from handoff.domain.handoff.state import FurtherOwner, HandoffState
from handoff.domain.handoff.terms import (
    OWNED,
    WAITING,
    ClockName,
    Level,
    ReassignReason,
    Status,
)
from handoff.domain.handoff.transitions import (
    assigned,
    require_open,
    require_owner,
    require_status,
    wanted,
    without_owner,
)
from kakehashi_common.domain.errors import DomainError, StateConflictError


def demand_of(state: HandoffState, team_id: str | None, now: datetime, sla: Sla) -> Demand:
    """Return what an assignment that is wanted asks of a member.

    Args:
        state: of a handoff that awaits an assignment.
        team_id: the team whose territory it is; ``None``: any.
        now: when it is assigned.
        sla: without an owner; the team's hours say when the answer is due.
    """
    return Demand(
        role=state.kind.to_role,
        team_id=team_id,
        complexity=state.complexity,
        skills=frozenset(state.skills),
        answer_by=clocks.accept_by(state, now, sla),
        had_before=state.excluded,
    )


def result_of(attempt: int, found: Assignment | NobodyEligible) -> Assign | LeaveUnassigned:
    """Return the command that tells the handoff what an assignment came to."""
    if isinstance(found, Assignment):
        return Assign(attempt, found.member_id, found.basis)
    reasons = sorted(found.reasons.items(), key=lambda item: (-item[1], item[0]))
    return LeaveUnassigned(attempt, tuple(UnassignedReason(*each) for each in reasons))


def assign(state: HandoffState, command: Assign, now: datetime, sla: Sla) -> Decision:
    """Ask the member whom the assignment has chosen; again: nothing changes.

    Raises:
        DomainError: it is the result of an assignment that isn't wanted any longer
            (``assignment_outdated``).
    """
    if state.attempt == command.attempt and state.owner == command.member_id:
        return Decision(state, unchanged=True)
    _require_wanted(state, command)
    return assigned(Decision(state), command.member_id, command.basis, now, sla)


def leave_unassigned(
    state: HandoffState, command: LeaveUnassigned, now: datetime, sla: Sla
) -> Decision:
    """Say that nobody is eligible, to the team's lead as well; again: nothing changes.

    Raises:
        DomainError: it is the result of an assignment that isn't wanted any longer
            (``assignment_outdated``).
    """
    _require_wanted(state, command)
    first = state.status is not Status.UNASSIGNED
    if not first and state.unassigned_reasons == command.reasons:
        return Decision(state, unchanged=True)
    state = replace(state, status=Status.UNASSIGNED, unassigned_reasons=command.reasons)
    decision = Decision(state).plus(Unassigned(now, command.reasons))
    clock = state.clock(ClockName.ASSIGN)
    if not first or clock is None or clock.notice(Level.LEAD):
        return decision
    due = clocks.due_at(state, clock, sla)
    text = "引き継ぎを割り当てられる担当者がいません。担当者を指名してください。"
    decision = decision.at(clocks.noted(decision.state, ClockName.ASSIGN, Level.LEAD, now))
    return decision.plus(
        Escalated(now, ClockName.ASSIGN, Level.LEAD, None, due),
        notices.to_level(
            state, ClockName.ASSIGN, Level.LEAD, NotifyReason.NOBODY_ELIGIBLE, text, due
        ),
    )


def try_assignment(state: HandoffState, now: datetime) -> Decision:
    """Look for an owner again."""
    state = replace(state, assignment_wanted_at=now)
    want = AssignmentWanted(state.attempt, state.preferred, state.excluded)
    return Decision(state).plus(want)


def reassign(state: HandoffState, command: Reassign, now: datetime, sla: Sla) -> Decision:
    """Take it from its owner; the next one begins with an answer of their own.

    Also gives one that nobody has to a member by hand. Again: nothing changes.

    Raises:
        DomainError: it has ended or is with the sender (``handoff_ended``, ``wrong_status``),
            ``from_member`` isn't the owner (``not_the_owner``) or ``to`` already is
            (``already_the_owner``), or nobody has it and nobody is named (``to_missing``).
    """
    if command.from_member != state.owner and _done_before(state, command):
        return Decision(state, unchanged=True)
    require_status(
        state,
        OWNED | WAITING,
        "only one that is assigned or awaits an assignment can be reassigned",
    )
    if command.from_member is not None:
        require_owner_is(state, command.from_member)
    elif state.owner is not None:
        raise StateConflictError(
            f"the owner is {state.owner}: say from_member to take it from them",
            field="from_member",
            code="not_the_owner",
        )
    if command.to is None and state.owner is None:
        raise StateConflictError(
            "nobody has the handoff, and an owner is being looked for: name one in 'to'",
            field="to",
            code="to_missing",
        )
    if command.to is not None and command.to == state.owner:
        raise StateConflictError(
            f"{command.to} is the owner already: name somebody else",
            field="to",
            code="already_the_owner",
        )
    return _given(state, command, now, sla)


def _given(state: HandoffState, command: Reassign, now: datetime, sla: Sla) -> Decision:
    former = state.owner
    fact = Reassigned(now, command.by, command.reason, former, command.to, command.note)
    state = without_owner(state, command.reason, now)
    if command.reason is ReassignReason.NOT_ACCEPTED:
        state = replace(state, reassignments=state.reassignments + 1)
    decision = Decision(state).plus(fact)
    if command.to is None:
        decision = wanted(decision, now)
    else:
        attempt = replace(decision.state, attempt=decision.state.attempt + 1)
        decision = assigned(decision.at(attempt), command.to, None, now, sla)
    if former is None:
        return decision
    text = "担当していた引き継ぎは、ほかの担当者に変更されました。対応は不要です。"
    return decision.plus(notices.to_member(former, NotifyReason.TAKEN_AWAY, text))


def _done_before(state: HandoffState, command: Reassign) -> bool:
    """Whether the same command has been carried out, and what it did still holds."""
    if command.to is not None and command.to != state.owner:
        return False
    if command.from_member is None:
        return True
    reasons = [
        former.reason
        for former in state.former_owners
        if former.member_id == command.from_member and former.round == state.round
    ]
    return bool(reasons) and reasons[-1] == command.reason


def require_owner_is(state: HandoffState, member_id: str) -> None:
    """Refuse to take a handoff from somebody who doesn't have it.

    Raises:
        DomainError: it names the owner (``not_the_owner``); ``field`` is ``from_member``.
    """
    try:
        require_owner(state, member_id)
    except DomainError as error:
        raise StateConflictError(error.message, field="from_member", code=error.code) from error


def name_further_owner(state: HandoffState, command: NameFurtherOwner, now: datetime) -> Decision:
    """Make somebody responsible for a function, or nobody; again: nothing changes.

    Raises:
        DomainError: it has ended (``handoff_ended``).
    """
    present = {each.function: each.member_id for each in state.further_owners}
    if present.get(command.function) == command.member_id:
        return Decision(state, unchanged=True)
    require_open(state)
    others = tuple(each for each in state.further_owners if each.function is not command.function)
    fact = FurtherOwnerNamed(now, command.by, command.function, command.member_id)
    if command.member_id is None:
        return Decision(replace(state, further_owners=others)).plus(fact)
    named = FurtherOwner(command.function, command.member_id)
    text = f"引き継ぎの{FUNCTIONS[command.function]}の担当になりました。"
    return Decision(replace(state, further_owners=(*others, named))).plus(
        fact, notices.to_member(command.member_id, NotifyReason.FURTHER_OWNER, text)
    )


def _require_wanted(state: HandoffState, command: Assign | LeaveUnassigned) -> None:
    if state.status not in WAITING or command.attempt != state.attempt:
        raise StateConflictError(
            f"assignment {command.attempt} isn't wanted any longer: the handoff is {state.status}, "
            f"and the newest assignment is {state.attempt}",
            field="attempt",
            code="assignment_outdated",
        )
