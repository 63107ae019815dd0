"""Map events of budget-calendar to the days of council sessions."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from followup.council_sessions.repository import OPENS, VOTES, CouncilDay
from kakehashi_common.contracts.budget_phases import (
    CalendarRevised,
    CouncilSession,
    DateWindow,
    MilestoneNear,
    PhaseEntered,
)
from kakehashi_common.contracts.events import Event

_DELIBERATION: Final = "deliberation"
"""The phase from the submission of the budget to its vote."""
_SPRING: Final = 1
"""The session in which the budget is deliberated."""
_NUMBERED: Final = re.compile(r"([a-z_]+):([1-9])")


def council_days_of(event: Event[Any]) -> Iterator[CouncilDay]:
    """Yield the days of regular sessions (定例会) that an event states: the likely ones."""
    match event.data:
        case PhaseEntered(phase=phase, begins=begins, ends_likely_on=ends) if (
            phase == _DELIBERATION
        ):
            yield _day(event, OPENS, _SPRING, begins.likely)
            yield _day(event, VOTES, _SPRING, ends)
        case MilestoneNear(milestone=key, session=CouncilSession(opens=opens, votes=votes)):
            if numbered := _NUMBERED.fullmatch(key):
                yield _day(event, OPENS, int(numbered[2]), opens.likely)
                yield _day(event, VOTES, int(numbered[2]), votes.likely)
        case MilestoneNear(milestone=key, window=window):
            yield from _named(event, key, window)
        case CalendarRevised(moved=moved):
            for each in moved:
                yield from _named(event, each.milestone, each.after)


def _named(event: Event[Any], key: str, window: DateWindow | None) -> Iterator[CouncilDay]:
    numbered = _NUMBERED.fullmatch(key)
    if numbered and numbered[1] in {OPENS, VOTES}:
        day = None if window is None else window.likely
        yield _day(event, numbered[1], int(numbered[2]), day)


def _day(event: Event[Any], milestone: str, session: int, day: date | None) -> CouncilDay:
    data = event.data
    return CouncilDay(
        data.municipality_code, data.fiscal_year, session, milestone, day, event.occurred_at
    )
