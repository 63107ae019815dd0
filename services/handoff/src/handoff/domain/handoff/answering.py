"""The owner's answers: accept, first contact made, meeting held."""

from dataclasses import replace
from datetime import datetime

from handoff.domain.handoff import clocks, notices
from handoff.domain.handoff.commands import Accept, RecordContact, RecordMeeting
from handoff.domain.handoff.effects import Decision, NotifyReason
from handoff.domain.handoff.facts import Accepted, FirstContactMade, MeetingHeld
from handoff.domain.handoff.policy import Sla
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import OWNED, ClockName, Status
from handoff.domain.handoff.transitions import (
    entered,
    lead_answered,
    require_open,
    require_owner,
    unpaused,
)
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.japanese_writing import moment


def accept(state: HandoffState, command: Accept, now: datetime, sla: Sla) -> Decision:
    """Accept the handoff; a repetition changes nothing.

    Raises:
        DomainError: somebody else has it (``not_the_owner``), or it has ended (``handoff_ended``).
    """
    if command.by == state.owner and state.accepted_at is not None:
        return Decision(state, unchanged=True)
    require_open(state)
    require_owner(state, command.by)
    return _accepted(Decision(unpaused(state, now)), now, now, sla)


def record_contact(
    state: HandoffState, command: RecordContact, now: datetime, sla: Sla
) -> Decision:
    """Record the first contact with the customer; a further one changes nothing.

    The owner's contact accepts the handoff as well, so that nobody enters the same thing twice. It
    also answers the lead, if nobody has.

    Raises:
        DomainError: neither the owner nor a further owner made it (``not_the_owner``), it has ended
            (``handoff_ended``), or the time is wrong (``in_future``, ``before_assignment``).
    """
    if state.contacted_at is not None and command.by in state.owners:
        return Decision(state, unchanged=True)
    _check_made(state, command, now)
    decision = _accepted_by_doing(Decision(unpaused(state, now)), command.at, now, sla)
    return _contacted(decision, command, now, sla)


def record_meeting(
    state: HandoffState, command: RecordMeeting, now: datetime, sla: Sla
) -> Decision:
    """Record the first meeting; a further one changes nothing.

    It is the first contact as well, and accepts the handoff, where neither was recorded.

    Raises:
        DomainError: as for :func:`record_contact`.
    """
    if state.met_at is not None and command.by in state.owners:
        return Decision(state, unchanged=True)
    _check_made(state, command, now)
    decision = _accepted_by_doing(Decision(unpaused(state, now)), command.at, now, sla)
    if state.contacted_at is None:
        decision = _contacted(decision, command, now, sla)
    result = clocks.result(decision.state, ClockName.MEET, command.at, sla)
    met = replace(entered(decision.state, Status.MET, command.at, now=now), met_at=command.at)
    return decision.at(met).plus(MeetingHeld(command.at, command.by, result, command.activity_id))


def _accepted(
    decision: Decision, at: datetime, now: datetime, sla: Sla, *, implied: bool = False
) -> Decision:
    state = decision.state
    owner = state.owner or ""
    result = clocks.result(state, ClockName.ACCEPT, at, sla)
    state = replace(entered(state, Status.ACCEPTED, at, now=now), accepted_at=at)
    text = f"{owner}が{moment(at)}に引き継ぎを受諾しました。"
    return decision.at(state).plus(
        Accepted(at, owner, result, implied),
        notices.to_sender(state, NotifyReason.ACCEPTED, text),
    )


def _accepted_by_doing(decision: Decision, at: datetime, now: datetime, sla: Sla) -> Decision:
    if decision.state.accepted_at is not None:
        return decision
    return _accepted(decision, at, now, sla, implied=True)


def _contacted(
    decision: Decision, command: RecordContact | RecordMeeting, now: datetime, sla: Sla
) -> Decision:
    state = decision.state
    result = clocks.result(state, ClockName.CONTACT, command.at, sla)
    state = replace(entered(state, Status.CONTACTED, command.at, now=now), contacted_at=command.at)
    decision = decision.at(state).plus(
        FirstContactMade(command.at, command.by, result, command.activity_id)
    )
    return lead_answered(decision, command.at, command.by, sla)


def _check_made(state: HandoffState, command: RecordContact | RecordMeeting, now: datetime) -> None:
    require_open(state)
    # Only the owner can accept, which is what a contact before acceptance does.
    require_owner(state, command.by, or_further=state.accepted_at is not None)
    if state.status not in OWNED or state.assigned_at is None:
        raise AssertionError("whoever owns a handoff was assigned it")
    if command.at > now:
        raise DomainError(
            f"at {command.at.isoformat()} lies in the future: record it once it has happened",
            field="at",
            code="in_future",
        )
    if command.at < state.assigned_at:
        raise DomainError(
            f"at {command.at.isoformat()} lies before the assignment to {state.owner} on "
            f"{moment(state.assigned_at)}: only what comes after it counts here",
            field="at",
            code="before_assignment",
        )
