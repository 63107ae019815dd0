"""Each rule of law as a table; the ids name the article."""

from datetime import date

import pytest

from budget_calendar.domain.budget_year import law
from budget_calendar.domain.municipality import MunicipalityType as Type


@pytest.mark.parametrize(
    ("kind", "budget_year", "day"),
    [
        pytest.param(Type.PREFECTURE, 2027, date(2027, 3, 1), id="211条 prefecture 30 days"),
        pytest.param(Type.DESIGNATED_CITY, 2027, date(2027, 3, 1), id="211条 指定都市 30 days"),
        pytest.param(Type.CORE_CITY, 2027, date(2027, 3, 11), id="211条 中核市 20 days"),
        pytest.param(Type.SPECIAL_CASE_CITY, 2027, date(2027, 3, 11), id="211条 特例市 20 days"),
        pytest.param(Type.SPECIAL_WARD, 2027, date(2027, 3, 11), id="211条 283条 特別区 20 days"),
        pytest.param(Type.CITY, 2027, date(2027, 3, 11), id="211条 city 20 days"),
        pytest.param(Type.TOWN, 2027, date(2027, 3, 11), id="211条 town 20 days"),
        pytest.param(Type.VILLAGE, 2027, date(2027, 3, 11), id="211条 village 20 days"),
        pytest.param(Type.PREFECTURE, 2028, date(2028, 3, 1), id="211条 with a 29 February"),
    ],
)
def test_the_day_by_which_a_budget_is_submitted(kind: Type, budget_year: int, day: date) -> None:
    deadline = law.submission_deadline(kind, budget_year)
    assert (deadline.day, deadline.article) == (day, "地方自治法211条1項")
    assert deadline.note is not None
    assert "duty of effort" in deadline.note.en
    assert "努力義務" in deadline.note.ja


@pytest.mark.parametrize(
    ("kind", "opens", "day"),
    [
        pytest.param(Type.PREFECTURE, date(2027, 2, 15), date(2027, 2, 8), id="101条 prefecture 7"),
        pytest.param(Type.CITY, date(2026, 6, 5), date(2026, 5, 29), id="101条 city 7"),
        pytest.param(Type.SPECIAL_WARD, date(2026, 6, 5), date(2026, 5, 29), id="101条 ward 7"),
        pytest.param(Type.TOWN, date(2026, 6, 5), date(2026, 6, 2), id="101条 town 3"),
        pytest.param(Type.VILLAGE, date(2028, 3, 2), date(2028, 2, 28), id="101条 village 3 leap"),
    ],
)
def test_the_day_by_which_notice_of_a_session_is_given(kind: Type, opens: date, day: date) -> None:
    notice = law.session_notice(kind, opens)
    assert (notice.day, notice.article) == (day, "地方自治法101条7項")


@pytest.mark.parametrize(
    ("found", "day", "article"),
    [
        pytest.param(
            law.budget_to_head(date(2027, 3, 18)), date(2027, 3, 21), "219条1項", id="219条 3 days"
        ),
        pytest.param(
            law.accounts_closed(2026), date(2026, 5, 31), "235条の5", id="235条の5 31 May"
        ),
        pytest.param(
            law.settlement_to_head(2026), date(2026, 8, 31), "233条1項", id="233条 3 months"
        ),
        pytest.param(
            law.year_end_closure(2026), date(2026, 12, 29), "4条の2", id="4条の2 29 December"
        ),
    ],
)
def test_days_that_a_statute_sets(found: law.LegalDate, day: date, article: str) -> None:
    assert found.day == day
    assert article in found.article


@pytest.mark.parametrize(
    ("ends", "terms", "expected"),
    [
        pytest.param(date(2027, 4, 29), 1, date(2031, 4, 29), id="140条 4 years"),
        pytest.param(date(2027, 4, 29), 2, date(2035, 4, 29), id="140条 two terms"),
        pytest.param(date(2028, 2, 29), 1, date(2032, 2, 29), id="140条 from 29 February"),
        pytest.param(date(2096, 2, 29), 1, date(2100, 2, 28), id="140条 2100 is no leap year"),
    ],
)
def test_a_head_serves_four_years(ends: date, terms: int, expected: date) -> None:
    assert law.next_term_ends(ends, terms) == expected


@pytest.mark.parametrize(
    ("kind", "ends", "window", "source"),
    [
        pytest.param(
            Type.CITY,
            date(2026, 11, 20),
            (date(2026, 10, 21), date(2026, 11, 1), date(2026, 11, 19)),
            "公職選挙法33条1項",
            id="公職選挙法33条 within 30 days before",
        ),
        pytest.param(
            Type.CITY,
            date(2027, 5, 8),
            (date(2027, 4, 18), date(2027, 4, 25), date(2027, 4, 25)),
            "統一地方選挙",
            id="臨時特例法 city, fourth Sunday",
        ),
        pytest.param(
            Type.PREFECTURE,
            date(2027, 4, 22),
            (date(2027, 4, 4), date(2027, 4, 11), date(2027, 4, 11)),
            "統一地方選挙",
            id="臨時特例法 prefecture, second Sunday",
        ),
        pytest.param(
            Type.TOWN,
            date(2027, 9, 30),
            (date(2027, 8, 31), date(2027, 9, 12), date(2027, 9, 29)),
            "公職選挙法33条1項",
            id="公職選挙法33条 autumn of a unified year",
        ),
    ],
)
def test_when_a_head_is_elected(
    kind: Type, ends: date, window: tuple[date, date, date], source: str
) -> None:
    found, article = law.election_window(kind, ends)
    assert (found.earliest, found.likely, found.latest) == window
    assert source in article
    assert found.likely.strftime("%a") == "Sun"


@pytest.mark.parametrize(
    ("kind", "year", "day"),
    [
        (Type.PREFECTURE, 2011, date(2011, 4, 10)),
        (Type.CITY, 2011, date(2011, 4, 24)),
        (Type.PREFECTURE, 2015, date(2015, 4, 12)),
        (Type.CITY, 2015, date(2015, 4, 26)),
        (Type.DESIGNATED_CITY, 2019, date(2019, 4, 7)),
        (Type.CITY, 2019, date(2019, 4, 21)),
        (Type.PREFECTURE, 2023, date(2023, 4, 9)),
        (Type.CITY, 2023, date(2023, 4, 23)),
    ],
)
def test_the_unified_elections_that_were_held_lie_in_their_window(
    kind: Type, year: int, day: date
) -> None:
    window = law.unified_election_window(kind, year)
    assert window.earliest <= day <= window.latest


@pytest.mark.parametrize(
    ("year", "unified"), [(2019, True), (2023, True), (2026, False), (2027, True), (2028, False)]
)
def test_unified_elections_come_every_fourth_year(year: int, unified: bool) -> None:  # noqa: FBT001
    assert law.is_unified_election_year(year) is unified
