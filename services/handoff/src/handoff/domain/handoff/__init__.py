"""One handoff's life, as a decider: state and command in, new state and effects out."""

from handoff.domain.handoff.checks import check
from handoff.domain.handoff.deciding import decide, request
from handoff.domain.handoff.effects import Decision
from handoff.domain.handoff.policy import ClockPolicy, Sla, policy_for
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.timers import due, next_wakeup

__all__ = [
    "ClockPolicy",
    "Decision",
    "HandoffState",
    "Sla",
    "check",
    "decide",
    "due",
    "next_wakeup",
    "policy_for",
    "request",
]
