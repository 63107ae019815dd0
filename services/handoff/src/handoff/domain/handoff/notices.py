"""Notices that follow from changes of a handoff."""

from datetime import datetime

from handoff.domain.handoff.effects import Notify, NotifyReason, Recipient
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import OF_SENDER, ClockName, Level


def to_member(
    member_id: str, reason: NotifyReason, text: str, *, act_by: datetime | None = None
) -> Notify:
    """Notify one member."""
    return Notify(Recipient.MEMBER, reason, text, member_id, act_by=act_by)


def to_sender(
    state: HandoffState, reason: NotifyReason, text: str, *, act_by: datetime | None = None
) -> Notify:
    """Notify the sender; without one, the sending team's lead."""
    return Notify(Recipient.SENDER, reason, text, state.sender, state.kind.from_role, act_by=act_by)


def to_level(
    state: HandoffState,
    clock: ClockName,
    level: Level,
    reason: NotifyReason,
    text: str,
    act_by: datetime,
) -> Notify:
    """Notify whoever a level of that clock means."""
    role = state.kind.from_role if clock in OF_SENDER else state.kind.to_role
    return Notify(
        Recipient.MANAGER if level is Level.MANAGER else _recipient(clock, level),
        reason,
        text,
        expected(state, clock),
        role,
        act_by=act_by,
        urgent=level is not Level.REMINDER,
    )


def _recipient(clock: ClockName, level: Level) -> Recipient:
    if level is Level.LEAD or clock is ClockName.ASSIGN:  # no member is expected to assign
        return Recipient.LEAD
    return Recipient.SENDER if clock in OF_SENDER else Recipient.MEMBER


def expected(state: HandoffState, clock: ClockName) -> str | None:
    """Return of which member that clock expects something; ``None``: of the team."""
    if clock in OF_SENDER:
        return state.sender
    return None if clock is ClockName.ASSIGN else state.owner
