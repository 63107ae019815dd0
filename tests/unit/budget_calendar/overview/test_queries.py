"""The followed municipalities in an overview: selection, order, and pages."""

from datetime import date
from typing import Any, Final

import pytest

from budget_calendar.domain.municipality import Municipality, MunicipalityType
from budget_calendar.overview.queries import Order, StatusFilter, sort_key, statuses
from budget_calendar.overview.repository import MunicipalityStatus, NextMilestone
from budget_calendar.registry.search import Criteria
from kakehashi_common.domain.budget_phases import BudgetPhase

CITIES: Final = {
    code: Municipality(code, name, "", "群馬県", MunicipalityType.CITY, 100_000)
    for code, name in {
        "102016": "前橋市",
        "102024": "高崎市",
        "102032": "桐生市",
        "102041": "伊勢崎市",
    }.items()
}
MAEBASHI, TAKASAKI, KIRYU, ISESAKI = CITIES


def standing(code: str, phase: BudgetPhase, coming: date | None) -> MunicipalityStatus:
    milestone = None
    if coming is not None:
        milestone = NextMilestone("request_deadline", coming, coming, coming, "practice")
    day = date(2026, 4, 1)
    return MunicipalityStatus(code, 2026, phase, day, day, "practice", milestone)


KNOWN: Final = [
    standing(MAEBASHI, BudgetPhase.DELIBERATION, date(2026, 12, 1)),
    standing(TAKASAKI, BudgetPhase.SUMMER_REVIEW, None),
    standing(KIRYU, BudgetPhase.SUMMER_REVIEW, date(2026, 11, 20)),
    standing(ISESAKI, BudgetPhase.BUDGET_POLICY, date(2026, 11, 20)),
]


def wanted(order: Order = "next", *phases: BudgetPhase) -> StatusFilter:
    return StatusFilter(Criteria(), None, frozenset(phases), (), order)


def codes(**asked: Any) -> list[str]:
    return [municipality.code for municipality, _ in shown(**asked).rows]


def shown(**asked: Any) -> Any:
    asked = {"wanted": wanted(), "after": None, "limit": 100, "fitting": CITIES} | asked
    return statuses(KNOWN, list(CITIES), **asked)


@pytest.mark.parametrize(
    ("order", "in_order"),
    [
        ("next", [KIRYU, ISESAKI, MAEBASHI, TAKASAKI]),
        ("phase", [TAKASAKI, KIRYU, ISESAKI, MAEBASHI]),
        ("code", [MAEBASHI, TAKASAKI, KIRYU, ISESAKI]),
    ],
    ids=["the next deadline first, none last", "as the year goes", "by code"],
)
def test_every_order_is_total_and_goes_on_from_each_of_its_rows(
    order: Order, in_order: list[str]
) -> None:
    assert codes(wanted=wanted(order)) == in_order
    by_code = {each.code: each for each in KNOWN}
    for place, code in enumerate(in_order):
        after = sort_key(by_code[code], order)
        assert codes(wanted=wanted(order), after=after) == in_order[place + 1 :]


@pytest.mark.parametrize(
    ("asked", "found", "total"),
    [
        ({"limit": 2}, [KIRYU, ISESAKI], 4),
        ({"wanted": wanted("next", BudgetPhase.SUMMER_REVIEW)}, [KIRYU, TAKASAKI], 2),
        ({"fitting": {KIRYU: CITIES[KIRYU]}}, [KIRYU], 1),
        ({"fitting": {}}, [], 0),
    ],
    ids=["a page", "a phase", "what fits", "nothing fits"],
)
def test_the_total_is_of_all_pages(asked: dict[str, Any], found: list[str], total: int) -> None:
    assert (codes(**asked), shown(**asked).total) == (found, total)


@pytest.mark.parametrize(
    ("known", "fitting", "missing"),
    [
        (KNOWN, CITIES, 0),
        (KNOWN[1:], CITIES, 1),
        (KNOWN[1:], {KIRYU: CITIES[KIRYU]}, 0),
        ([], CITIES, 4),
    ],
    ids=["all are stored", "one is not", "it isn't asked for", "none are"],
)
def test_followed_municipalities_without_a_calendar_are_counted(
    known: list[MunicipalityStatus], fitting: dict[str, Municipality], missing: int
) -> None:
    found = statuses(known, list(CITIES), fitting, wanted(), None, 100)
    assert found.without_calendar == missing
