"""One deal's way to money, as a decider: state and command in, new state and effects out."""

from budget_calendar.domain.pursuit.deciding import (
    check_opening,
    decide,
    note_refusal,
    open_pursuit,
)
from budget_calendar.domain.pursuit.effects import Decision
from budget_calendar.domain.pursuit.state import PursuitState, ReminderPolicy
from budget_calendar.domain.pursuit.timers import due, next_wakeup

__all__ = [
    "Decision",
    "PursuitState",
    "ReminderPolicy",
    "check_opening",
    "decide",
    "due",
    "next_wakeup",
    "note_refusal",
    "open_pursuit",
]
