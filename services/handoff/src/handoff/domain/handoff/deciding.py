"""The life of a handoff: a command and an instant in, a new state and what follows out."""

from dataclasses import replace
from datetime import datetime

from handoff.domain.handoff import clocks, notices
from handoff.domain.handoff.answering import accept, record_contact, record_meeting
from handoff.domain.handoff.assigning import (
    assign,
    leave_unassigned,
    name_further_owner,
    reassign,
    try_assignment,
)
from handoff.domain.handoff.checks import check
from handoff.domain.handoff.commands import (
    Accept,
    AnswerLead,
    Assign,
    Close,
    Command,
    Escalate,
    FromClock,
    Join,
    LeaveUnassigned,
    NameFurtherOwner,
    OverrideReadiness,
    PauseClocks,
    PhaseEntered,
    Rate,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
    Remind,
    Request,
    Resubmit,
    Resume,
    TryAssignment,
    Wake,
    Withdraw,
)
from handoff.domain.handoff.effects import Decision, Notify, NotifyReason, Recipient
from handoff.domain.handoff.facts import Closed, Requested, Withdrawn
from handoff.domain.handoff.labels import OUTCOMES
from handoff.domain.handoff.overdue import escalate, remind
from handoff.domain.handoff.policy import Sla
from handoff.domain.handoff.rejecting import reject, resubmit
from handoff.domain.handoff.remarks import answer_lead, join, override_readiness, rate
from handoff.domain.handoff.resting import pause, phase_entered, resume, wake
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import ACCEPTED_OR_LATER, ClockName, Status
from handoff.domain.handoff.timers import due
from handoff.domain.handoff.transitions import assigned, ended, require_open, require_status, wanted
from kakehashi_common.domain.errors import DomainError, StateConflictError


def request(command: Request, now: datetime, sla: Sla) -> Decision:
    """Begin a handoff: an assignment is wanted, or a named member is asked to accept.

    Raises:
        DomainError: see :func:`~handoff.domain.handoff.checks.check`; or the lead came in, or was
            answered, in the future (``in_future``).
    """
    check(command)
    for field in ("lead_created_at", "lead_answered_at"):
        at = getattr(command, field)
        if at is not None and at > now:
            raise DomainError(
                f"{field} {at.isoformat()} lies in the future", field=field, code="in_future"
            )
    state = HandoffState(
        command.handoff_id,
        command.lead_id,
        command.kind,
        requested_at=now,
        municipality_code=command.municipality_code,
        grade=command.grade,
        complexity=command.complexity,
        skills=command.skills,
        policy_area=command.policy_area,
        sender=command.sender,
        version=1,
        lead_created_at=command.lead_created_at,
        lead_answered_at=command.lead_answered_at,
        qualifications=(command.qualification_id,) if command.qualification_id else (),
    )
    state = clocks.started(state, ClockName.ASSIGN, now)
    if command.lead_created_at and not command.lead_answered_at:
        state = clocks.started(state, ClockName.RESPOND, command.lead_created_at)
    decision = Decision(state).plus(
        Requested(now, command.by, command.grade, command.sender, command.qualification_id)
    )
    if command.to is None:
        return wanted(decision, now)
    decision = decision.at(replace(decision.state, attempt=1))
    return _without_notices_to(command.by, assigned(decision, command.to, None, now, sla))


def decide(state: HandoffState, command: Command, now: datetime, sla: Sla) -> Decision:
    """Return the state after a command, and what follows.

    Args:
        state: where the handoff stands; it is never changed.
        command: what is asked.
        now: the present instant; it never goes back.
        sla: the policy in force and the working hours; for ``Assign``, and ``Reassign`` with
            ``to``, those of the new owner.

    Raises:
        DomainError: the command makes no sense here; it names the field and the fix.
    """
    check(command)
    decision = _decide(state, command, now, sla)
    if decision.unchanged:
        return decision
    decision = decision.at(replace(decision.state, version=state.version + 1))
    return _without_notices_to(getattr(command, "by", None), decision)


def _without_notices_to(by: str | None, decision: Decision) -> Decision:
    """Notify nobody of what they did themselves."""
    effects = tuple(
        effect
        for effect in decision.effects
        if not (
            isinstance(effect, Notify)
            and effect.recipient in {Recipient.MEMBER, Recipient.SENDER}
            and effect.member_id is not None
            and effect.member_id == by
        )
    )
    return replace(decision, effects=effects)


def _decide(state: HandoffState, command: Command, now: datetime, sla: Sla) -> Decision:  # noqa: C901, PLR0911, PLR0912 - one line a command
    match command:
        case TryAssignment(teams_changed=True):
            require_status(
                state, {Status.UNASSIGNED}, "only one without an owner is assigned again"
            )
        case Remind() | Escalate() | TryAssignment() | Reassign(by="clock"):
            _require_due(state, command, now, sla)
    match command:
        case Join():
            return join(state, command, now)
        case AnswerLead():
            return answer_lead(state, command, now, sla)
        case Assign():
            return assign(state, command, now, sla)
        case LeaveUnassigned():
            return leave_unassigned(state, command, now, sla)
        case Accept():
            return accept(state, command, now, sla)
        case Reject():
            return reject(state, command, now, sla)
        case RecordContact():
            return record_contact(state, command, now, sla)
        case RecordMeeting():
            return record_meeting(state, command, now, sla)
        case Resubmit():
            return resubmit(state, command, now, sla)
        case PauseClocks():
            return pause(state, command, now, sla)
        case Resume():
            return resume(state, command, now)
        case Reassign():
            return reassign(state, command, now, sla)
        case NameFurtherOwner():
            return name_further_owner(state, command, now)
        case Rate():
            return rate(state, command, now)
        case OverrideReadiness():
            return override_readiness(state, command, now)
        case Close():
            return _close(state, command, now)
        case Withdraw():
            return _withdraw(state, command, now)
        case Wake():
            return wake(state, command, now, sla)
        case PhaseEntered():
            return phase_entered(state, command, now)
        case Remind():
            return remind(state, command, now, sla)
        case Escalate():
            return escalate(state, command, now, sla)
        case TryAssignment():
            return try_assignment(state, now)


def _require_due(state: HandoffState, command: FromClock, now: datetime, sla: Sla) -> None:
    if command not in due(state, now, sla):
        raise StateConflictError(
            f"{type(command).__name__} is not due at {now.isoformat()}", code="not_due"
        )


def _close(state: HandoffState, command: Close, now: datetime) -> Decision:
    """End it with the deal's outcome; the same again: nothing changes.

    A deal may end one wherever it stands; a person only once it has been accepted, since before
    that a rejection says more.
    """
    if state.outcome is not None:
        if state.outcome is command.outcome:
            return Decision(state, unchanged=True)
        raise StateConflictError(
            f"the handoff was closed as {state.outcome}: correct the deal instead",
            field="outcome",
            code="already_closed",
        )
    if command.deal_id is None:
        require_status(state, ACCEPTED_OR_LATER, "accept it first, or reject it with a reason")
    else:
        require_open(state)
    state = replace(
        ended(state, Status.CLOSED, now), outcome=command.outcome, deal_id=command.deal_id
    )
    text = f"引き継いだ案件は{OUTCOMES[command.outcome]}で完了しました。"
    return Decision(state).plus(
        Closed(now, command.by, command.outcome, command.reason, command.deal_id),
        notices.to_sender(state, NotifyReason.CLOSED, text),
    )


def _withdraw(state: HandoffState, command: Withdraw, now: datetime) -> Decision:
    """End it without an outcome; again: nothing changes."""
    if state.status is Status.WITHDRAWN:
        return Decision(state, unchanged=True)
    require_open(state)
    if command.in_favour_of is not None and state.status in ACCEPTED_OR_LATER:
        raise StateConflictError(
            f"the handoff is {state.status}: only a person withdraws what its owner has accepted",
            code="wrong_status",
        )
    owner = state.owner
    decision = Decision(ended(state, Status.WITHDRAWN, now)).plus(
        Withdrawn(now, command.by, command.reason)
    )
    if owner is None:
        return decision
    text = "引き継ぎは取り下げられました。対応は不要です。"
    if command.in_favour_of is not None:
        text = (
            f"同じ方についての引き継ぎ（{command.in_favour_of}）に一本化したため、"
            "この引き継ぎは取り下げられました。対応は不要です。"
        )
    return decision.plus(notices.to_member(owner, NotifyReason.WITHDRAWN, text))
