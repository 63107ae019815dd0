"""Measure the pure computation of one calendar, in this process."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.council_sessions.files import read_session_files
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.registry.snapshot import shipped
from kakehashi_common.clock import WallClock, japan_day

KIRYU: Final = "102032"
SESSIONS: Final = Path(__file__).parents[2] / "examples" / "kiryu_council_sessions"
REPEATED: Final = 200


@dataclass(frozen=True, slots=True)
class Computed:
    """Times to compute calendars, in milliseconds each."""

    what: str
    calendars: int
    first_ms: float
    """The first one, elapsed: holidays of its years are looked up."""
    median_ms: float
    """Elapsed."""
    worst_ms: float
    """Elapsed, after the first."""
    cpu_ms: float
    """The mean."""


def compute(codes: Sequence[str]) -> list[Computed]:
    """Kiryu with the sessions it held, and with none; then everybody once."""
    registry = {each.code: each for each in shipped()}
    kiryu = registry[KIRYU]
    sessions = read_session_files(SESSIONS, KIRYU, kiryu.name).sessions
    everybody = [CalendarInputs(registry[code]) for code in codes]
    return [
        _timed(f"one town, {len(sessions)} sessions", [CalendarInputs(kiryu, sessions)] * REPEATED),
        _timed("one town, no sessions", [CalendarInputs(kiryu)] * REPEATED),
        _timed(f"{len(everybody):,} municipalities", everybody),
    ]


def _timed(what: str, sources: Sequence[CalendarInputs]) -> Computed:
    calculator = CalendarCalculator("published")
    fiscal_year = fiscal_year_of(japan_day(WallClock().now()))
    elapsed = []
    cpu = 0.0
    for source in sources:
        begun, used = time.perf_counter(), time.process_time()
        calculator.calendar(source, fiscal_year)
        elapsed.append((time.perf_counter() - begun) * 1e3)
        if len(elapsed) > 1:
            cpu += (time.process_time() - used) * 1e3
    first, *others = elapsed
    return Computed(
        what,
        len(sources),
        round(first, 2),
        round(median(others), 3),
        round(max(others), 2),
        round(cpu / len(others), 3),
    )
