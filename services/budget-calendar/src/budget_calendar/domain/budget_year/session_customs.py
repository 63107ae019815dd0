"""When regular sessions (定例会) usually open and vote, by kind and size of the council: measured.

Towns and villages sit for a few days, later than cities open and before cities close; a window for
all of them fits none. The days are derived by ``python -m benchmarks.predictions`` from sessions
that councils held in 2012–2026 (ADR 0014): the span from the 15th to the 85th percentile of the
days, a day wider at both ends. Each council counts by the square root of its days. Windows derived
from the others hold 80 % of the days of a council that is held out.

Special wards, designated cities, cities above 300,000 and prefectures are not among the councils
measured; for them the template holds, with its confidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.templates import PUBLISHED, Group, MonthDay, Practice
from budget_calendar.domain.municipality import MunicipalityType, SizeBand

LEVEL: Final = 0.8
"""The share of days of held-out councils that these windows hold."""

_Days = tuple[MonthDay, MonthDay, MonthDay, int, int]
"""Earliest, likely and latest; of how many councils and days."""


@dataclass(frozen=True, slots=True)
class Customs:
    """The usual sessions of councils of one kind."""

    name: str
    practices: Mapping[str, Practice]
    """By milestone key: opening and last vote of each of the four sessions."""


def _customs(name: str, opens: Mapping[int, _Days], votes: Mapping[int, _Days]) -> Customs:
    return Customs(
        name,
        MappingProxyType(
            {
                f"{kind}:{number}": Practice(
                    earliest,
                    likely,
                    latest,
                    f"common practice of {name} ({councils} councils, {days} days)",
                    LEVEL,
                )
                for kind, by_number in ((Kind.SESSION_OPENS, opens), (Kind.SESSION_VOTE, votes))
                for number, (earliest, likely, latest, councils, days) in by_number.items()
            }
        ),
    )


TOWNS_AND_VILLAGES: Final = _customs(
    "towns and villages",
    opens={
        2: ((6, 4), (6, 13), (6, 24), 21, 44),
        3: ((9, 2), (9, 10), (9, 19), 20, 37),
        4: ((12, 2), (12, 10), (12, 12), 26, 42),
        1: ((3, 2), (3, 5), (3, 11), 25, 53),
    },
    votes={
        2: ((6, 9), (6, 19), (6, 26), 12, 24),
        3: ((9, 10), (9, 12), (9, 20), 14, 26),
        4: ((12, 9), (12, 12), (12, 18), 19, 28),
        1: ((3, 10), (3, 14), (3, 22), 20, 40),
    },
)
CITIES_UNDER_50K: Final = _customs(
    "cities under 50,000",
    opens={
        2: ((6, 3), (6, 13), (6, 18), 7, 19),
        3: ((9, 1), (9, 5), (9, 10), 7, 18),
        4: ((11, 26), (12, 2), (12, 9), 8, 19),
        1: ((2, 24), (2, 28), (3, 5), 6, 21),
    },
    votes={
        2: ((6, 17), (6, 24), (7, 1), 7, 17),
        3: ((9, 15), (9, 27), (10, 1), 7, 17),
        4: ((12, 10), (12, 13), (12, 21), 8, 18),
        1: ((3, 14), (3, 18), (3, 22), 6, 21),
    },
)
CITIES_50K_TO_300K: Final = _customs(
    "cities of 50,000 to 300,000",
    opens={
        2: ((5, 31), (6, 8), (6, 14), 6, 29),
        3: ((8, 27), (9, 4), (9, 8), 6, 24),
        4: ((11, 25), (11, 30), (12, 3), 6, 26),
        1: ((2, 15), (2, 20), (2, 28), 6, 25),
    },
    votes={
        2: ((6, 12), (6, 24), (6, 30), 5, 31),
        3: ((9, 12), (9, 18), (10, 1), 5, 29),
        4: ((12, 10), (12, 16), (12, 20), 5, 30),
        1: ((3, 13), (3, 18), (3, 25), 5, 33),
    },
)
MEASURED: Final = (TOWNS_AND_VILLAGES, CITIES_UNDER_50K, CITIES_50K_TO_300K)

_CITIES = frozenset(
    {MunicipalityType.CITY, MunicipalityType.CORE_CITY, MunicipalityType.SPECIAL_CASE_CITY}
)
_NONE: Final[Mapping[str, Practice]] = MappingProxyType({})


def customs_of(kind: MunicipalityType, japanese_residents: int | None) -> Customs | None:
    """The customs of councils of that kind and size; ``None`` where nobody has measured them."""
    if kind.town_or_village:
        return TOWNS_AND_VILLAGES
    if kind not in _CITIES or japanese_residents is None:
        return None
    return {
        SizeBand.UNDER_50K: CITIES_UNDER_50K,
        SizeBand.FROM_50K_TO_300K: CITIES_50K_TO_300K,
    }.get(SizeBand.of(japanese_residents))


def session_customs(
    kind: MunicipalityType, japanese_residents: int | None
) -> Mapping[str, Practice]:
    """The measured windows by milestone key; empty where nobody has measured them."""
    customs = customs_of(kind, japanese_residents)
    return _NONE if customs is None else customs.practices


def usual_sessions(
    kind: MunicipalityType, japanese_residents: int | None
) -> Mapping[str, Practice]:
    """The windows of its sessions by milestone key: measured, else those of the templates."""
    measured = session_customs(kind, japanese_residents)
    if measured:
        return measured
    published = PUBLISHED.practices[Group.of(kind)]
    sessions = (Kind.SESSION_OPENS, Kind.SESSION_VOTE)
    return {key: each for key, each in published.items() if key.partition(":")[0] in sessions}
