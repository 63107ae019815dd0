"""Notify people of steps that are due soon, or overdue."""

from datetime import datetime

from handoff.domain.handoff import clocks, notices
from handoff.domain.handoff.commands import Escalate, Remind
from handoff.domain.handoff.effects import Decision, NotifyReason
from handoff.domain.handoff.facts import Escalated, Reminded
from handoff.domain.handoff.labels import CLOCKS
from handoff.domain.handoff.policy import Sla
from handoff.domain.handoff.state import Clock, HandoffState
from handoff.domain.handoff.terms import ClockName, Level
from kakehashi_common.domain.japanese_writing import moment


def remind(state: HandoffState, command: Remind, now: datetime, sla: Sla) -> Decision:
    """Remind whoever is expected to act."""
    due = clocks.due_at(state, _clock(state, command.clock), sla)
    text = f"{CLOCKS[command.clock]}の期限は{moment(due)}です。"
    state = clocks.noted(state, command.clock, Level.REMINDER, now)
    return Decision(state).plus(
        Reminded(now, command.clock, notices.expected(state, command.clock), due),
        notices.to_level(state, command.clock, Level.REMINDER, NotifyReason.DUE_SOON, text, due),
    )


def escalate(state: HandoffState, command: Escalate, now: datetime, sla: Sla) -> Decision:
    """Tell the team's lead, then the manager, then the manager again."""
    clock = _clock(state, command.clock)
    due, earlier = clocks.due_at(state, clock, sla), clock.notice(command.level)
    who = notices.expected(state, command.clock)
    whose = f"（担当：{who}）" if who else ""
    text = (
        f"{CLOCKS[command.clock]}{whose}が期限の{moment(due)}を過ぎています。"
        "対応を確認してください。"
    )
    state = clocks.noted(state, command.clock, command.level, now)
    times = earlier.times if earlier else 0
    return Decision(state).plus(
        Escalated(now, command.clock, command.level, who, due, times),
        notices.to_level(state, command.clock, command.level, NotifyReason.OVERDUE, text, due),
    )


def _clock(state: HandoffState, name: ClockName) -> Clock:
    clock = state.clock(name)
    if clock is None:
        raise ValueError(f"no clock {name} was started")
    return clock
