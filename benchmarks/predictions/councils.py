"""The councils whose sessions are known: three sources, one shape."""

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from budget_calendar.council_sessions.files import read_session_files
from budget_calendar.domain.council.prediction import Council
from budget_calendar.domain.council.sessions import ObservedSession, SessionKind
from budget_calendar.registry.snapshot import as_published

DATA: Final = Path(__file__).parents[3] / "shared/data"
KIRYU, SHINAGAWA = "102032", "131091"
SHINAGAWA_TERM_ENDS: Final = date(2022, 10, 17)
"""Chosen so that its elections of 2010 to 2018 follow from it to the week: on the last Sunday of
September or the first of October. The data name the elections, not the end of the term."""


@dataclass(frozen=True, slots=True)
class ObservedCouncil:
    """One council and the regular sessions that are known of it."""

    code: str
    name: str
    council: Council
    sessions: tuple[ObservedSession, ...]
    openings: tuple[tuple[int, date], ...]
    """Number and day of openings whose last voting day is not known: for practice only."""


def observed_councils(data: Path = DATA) -> tuple[ObservedCouncil, ...]:
    """All of them: towns and cities 2020–2026, Kiryu 2012–2022, Shinagawa 2001–2021.

    Raises:
        FileNotFoundError: the data are not there.
    """
    registry = {each.code: each for each in as_published()}
    sessions: dict[str, list[ObservedSession]] = defaultdict(list)
    openings: dict[str, list[tuple[int, date]]] = defaultdict(list)
    for code, number, opens, closes in _observed(data / "council_sessions_observed.csv"):
        if closes is not None:
            sessions[code].append(_session(code, number, opens, closes))
        elif opens is not None:
            openings[code].append((number, opens))
    sessions[SHINAGAWA] += _shinagawa(data / "shinagawa_plenary_days_2001_2021.csv")
    kiryu = read_session_files(data / "kiryu_council_sessions", KIRYU, "桐生市").sessions
    sessions[KIRYU] += (each for each in kiryu if each.kind is SessionKind.REGULAR)
    return tuple(
        ObservedCouncil(
            code,
            registry[code].name,
            Council(registry[code].type, registry[code].japanese_residents),
            tuple(sessions[code]),
            tuple(openings[code]),
        )
        for code in sorted({*sessions, *openings})
    )


def _observed(file: Path) -> Iterator[tuple[str, int, date | None, date | None]]:
    with file.open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["kind"] == "regular":
                yield (
                    row["municipality_code"],
                    int(row["number"] or 0),
                    _day(row["opens_on"]),
                    _day(row["closes_on"]),
                )


def _shinagawa(file: Path) -> list[ObservedSession]:
    days: Mapping[tuple[int, int], list[date]] = defaultdict(list)
    with file.open(encoding="utf-8-sig", newline="") as rows:
        for row in csv.DictReader(rows):
            if row["kind"] == SessionKind.REGULAR.japanese:
                days[int(row["year"]), int(row["number"])].append(date.fromisoformat(row["day"]))
    return [_session(SHINAGAWA, number, min(held), max(held)) for (_, number), held in days.items()]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _session(code: str, number: int, opens: date | None, closes: date) -> ObservedSession:
    year = closes.year if opens is None else opens.year
    return ObservedSession(
        code, SessionKind.REGULAR, year, number, opens, closes, bills=(), source="observed"
    )


def without(code: str, councils: Sequence[ObservedCouncil]) -> tuple[ObservedCouncil, ...]:
    """All but one, to be judged on that one."""
    return tuple(each for each in councils if each.code != code)
