"""The sessions of Kiryu as they ship with the examples, dirt included."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import fmean

import pytest

from budget_calendar.council_sessions.file import LeftOut
from budget_calendar.council_sessions.files import SessionFiles, read_session_files
from budget_calendar.domain.council.backtest import Method, backtest
from budget_calendar.domain.council.budget_numbers import missing_numbers
from budget_calendar.domain.council.prediction import Council, SessionHistory
from budget_calendar.domain.council.sessions import (
    BudgetBillKind,
    ExpectedBudgets,
    ObservedSession,
    SessionKind,
)
from budget_calendar.domain.municipality import MunicipalityType
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_sessions import session

FOLDER = Path("examples/kiryu_council_sessions")


@pytest.fixture(scope="module")
def kiryu() -> SessionFiles:
    return read_session_files(FOLDER, "102032", "桐生市")


def test_all_that_can_be_read_is_read(kiryu: SessionFiles) -> None:
    assert kiryu.files == 54
    assert Counter(each.kind for each in kiryu.sessions) == {
        SessionKind.REGULAR: 44,
        SessionKind.EXTRAORDINARY: 7,
    }
    regular = {(s.year, s.number) for s in kiryu.sessions if s.kind is SessionKind.REGULAR}
    assert regular == {(year, number) for year in range(2012, 2023) for number in range(1, 5)}


def test_all_that_cannot_be_read_is_reported_with_file_and_value(kiryu: SessionFiles) -> None:
    assert [(p.file, p.field, p.value) for p in kiryu.problems if p.left_out is LeftOut.VALUE] == [
        ("h27-3-teireikai.json", "dates[0]", "議案議決結果一覧表"),
        ("h27-3-teireikai.json", "dates[1]", "平成27年第3回定例会議員提出議案議決結果一覧"),
        ("h27-4-teireikai.json", "dates[0]", "議案議決結果一覧表"),
        ("r1-1-rinjikai.json", "dates[0]", "令和元年5月22月"),
        ("r2-1-rinjikai.json", "dates[0]", "令和元年5月22月"),
        (
            "r2-1-teireikai.json",
            "bills[20].title",
            "和2年度桐生市学校給食共同調理場事業特別会計予算",
        ),
        ("r2-2-rinjikai.json", "dates[0]", "令和2年7月10月"),
    ]
    assert [p.file for p in kiryu.problems if p.left_out is LeftOut.SESSION] == [
        "r1-1-rinjikai.json",
        "r2-1-rinjikai.json",
        "r2-2-rinjikai.json",
    ]
    assert [p.value for p in kiryu.problems if p.left_out is LeftOut.NOTHING] == [
        "平成25年桐生市一般会計補正予算（第6号）",
        "平成26年桐生市一般会計補正予算（第1号）",
    ]


def test_a_session_under_anothers_dates_says_so(kiryu: SessionFiles) -> None:
    (reason,) = (
        p.reason for p in kiryu.problems if (p.file, p.field) == ("r2-1-rinjikai.json", "dates[0]")
    )
    assert reason == (
        "it ends in 月 instead of 日; and it names 2019, the session is of 2020;"
        " r1-1-rinjikai.json carries the same"
    )


def test_every_initial_budget_passed_in_spring(kiryu: SessionFiles) -> None:
    general = {
        (session.year, session.number, bill.fiscal_year)
        for session in kiryu.sessions
        for bill in session.bills
        if bill.kind is BudgetBillKind.INITIAL and bill.account == "一般会計" and bill.passed
    }
    assert general == {(year, 1, year) for year in range(2012, 2023)}


@pytest.mark.parametrize(
    ("number", "with_head", "passed", "counted"),
    [(1, 6.0, 5.91, 5.91), (2, 2.0, 1.82, 1.82), (3, 2.91, 2.82, 3.1), (4, 6.09, 5.55, 6.78)],
)
def test_supplementary_budgets_per_session(
    kiryu: SessionFiles, number: int, with_head: float, passed: float, counted: float
) -> None:
    """Three ways to count the same eleven years.

    ``with_head`` counts 専決 too and an incomplete file as it is, as the published averages of
    2012–2025 (4.7, 1.9, 3.1, 6.7) do; their 4.7 comes from three later spring files that list
    petitions alone. ``counted`` is what we expect from: without 専決, without the three sessions
    whose numbers are missing.
    """
    sessions = [s for s in kiryu.sessions if s.kind is SessionKind.REGULAR and s.number == number]
    every = [sum(bill.kind is BudgetBillKind.SUPPLEMENTARY for bill in s.bills) for s in sessions]
    assert fmean(every) == pytest.approx(with_head, abs=0.005)
    assert fmean(s.supplementary_passed for s in sessions) == pytest.approx(passed, abs=0.005)
    missing = {(2012, 4), (2015, 3), (2015, 4)}
    complete = [s.supplementary_passed for s in sessions if (s.year, s.number) not in missing]
    assert fmean(complete) == pytest.approx(counted, abs=0.005)
    budgets = _expected_in_2023(kiryu, number)
    assert budgets.sessions == len(complete)
    assert budgets.low <= counted <= budgets.high


def _expected_in_2023(kiryu: SessionFiles, number: int) -> ExpectedBudgets:
    found = SessionHistory(kiryu.sessions).predict(2023, BUSINESS_DAYS).session(number)
    assert found is not None
    assert found.budgets is not None
    return found.budgets


def test_bills_that_no_file_lists_are_known_by_their_numbers(kiryu: SessionFiles) -> None:
    general = [gap for gap in missing_numbers(kiryu.sessions) if gap.account == "一般会計"]
    assert [(gap.fiscal_year, gap.numbers) for gap in general] == [
        (2012, (3, 4, 5)),
        (2015, (4, 5, 6)),
        (2020, (1, 2)),
        (2020, (5,)),
    ]


CITY = Council(MunicipalityType.CITY, 97_000)
HEAD_TERM_ENDS = date(2027, 5, 8)

LATER = {
    2023: ((3, 15), (6, 28), (9, 20), (12, 20)),
    2024: ((3, 15), (6, 19), (9, 18), (12, 18)),
    2025: ((3, 17), (6, 18), (9, 26), (12, 17)),
}
"""Last votes of the years after those that ship, from the same collection (MIT): nothing was tuned
on them."""


def later_sessions() -> list[ObservedSession]:
    return [
        session(date(year, *day), number)
        for year, days in LATER.items()
        for number, day in enumerate(days, start=1)
    ]


def test_2013_to_2022_is_foretold_better_than_naively(kiryu: SessionFiles) -> None:
    result = backtest(kiryu.sessions, range(2013, 2023), BUSINESS_DAYS, CITY)
    assert len(result.trials) == 40
    assert result.mean_error(Method.SAME_WEEKDAY_LAST_YEAR) == pytest.approx(3.15, abs=0.005)
    assert result.mean_error(result.best_naive) == pytest.approx(2.65, abs=0.01)
    assert result.mean_error(Method.OURS) <= 2.0
    assert 0.75 <= result.coverage <= 0.90


def test_the_years_after_are_foretold_better_than_naively_where_the_heads_term_is_known(
    kiryu: SessionFiles,
) -> None:
    """The head is elected in April of every fourth year: 2023's June session came a week later."""
    known = replace(CITY, head_term_ends=HEAD_TERM_ENDS)
    observed = [*kiryu.sessions, *later_sessions()]
    result = backtest(observed, range(2023, 2026), BUSINESS_DAYS, known)
    assert len(result.trials) == 12
    assert result.best_naive is Method.MEAN_OF_LAST_FIVE
    assert result.mean_error(Method.MEAN_OF_LAST_FIVE) == pytest.approx(2.33, abs=0.02)
    assert result.mean_error(Method.OURS) <= 1.6


def test_the_years_after_without_the_heads_term_are_not_foretold_better(
    kiryu: SessionFiles,
) -> None:
    """A fifth of a day worse than the mean of five years, in twelve sessions: what falls short."""
    observed = [*kiryu.sessions, *later_sessions()]
    result = backtest(observed, range(2023, 2026), BUSINESS_DAYS, CITY)
    assert result.mean_error(Method.OURS) <= 2.7
    assert result.coverage >= 0.75
