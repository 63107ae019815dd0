from dataclasses import replace
from datetime import date

from budget_calendar.domain.council.budget_numbers import (
    MissingNumbers,
    missing_numbers,
    without_gaps,
)
from budget_calendar.domain.council.sessions import BudgetBillKind, SessionKind
from tests.support.budget_sessions import initial, session, supplementary

SPRING = session(date(2022, 3, 16), 1, supplementary(2021, 7))
JUNE = session(date(2022, 6, 22), 2, supplementary(2022, 1))
SEPTEMBER = session(date(2022, 9, 21), 3)
DECEMBER = session(date(2022, 12, 21), 4, supplementary(2022, 4))


def test_numbers_between_those_seen_are_missing_and_lie_between_their_days() -> None:
    assert missing_numbers([DECEMBER, JUNE, SEPTEMBER]) == (
        MissingNumbers(2022, "一般会計", (2, 3), JUNE.last_vote_on, DECEMBER.last_vote_on),
    )


def test_what_was_decided_before_the_first_session_is_no_gap() -> None:
    assert missing_numbers([SPRING, JUNE]) == ()


def test_a_first_number_that_was_never_read_is_missing() -> None:
    late = session(date(2022, 6, 22), 2, supplementary(2022, 2))
    assert missing_numbers([SPRING, late]) == (
        MissingNumbers(2022, "一般会計", (1,), None, late.last_vote_on),
    )


def test_a_session_in_which_missing_budgets_may_have_passed_is_not_counted_as_none() -> None:
    assert without_gaps([JUNE, SEPTEMBER, DECEMBER]) == (JUNE, DECEMBER)


def test_a_session_without_budgets_counts_where_no_number_is_missing() -> None:
    december = session(date(2022, 12, 21), 4, supplementary(2022, 2))
    assert without_gaps([JUNE, SEPTEMBER, december]) == (JUNE, SEPTEMBER, december)


def test_a_spring_session_without_an_initial_budget_is_incomplete_and_not_counted() -> None:
    complete = session(date(2023, 3, 16), 1, initial(2023), supplementary(2022, 5))
    no_budget_at_all = session(date(2024, 3, 18), 1)
    provisional = session(date(2025, 3, 18), 1, initial(2025, BudgetBillKind.PROVISIONAL))
    winter_into_january = replace(session(date(2026, 1, 20), 4), year=2025)

    springs = [SPRING, complete, no_budget_at_all, provisional, winter_into_january]

    assert [each for each in springs if each.lacks_initial_budget] == [SPRING, no_budget_at_all]
    assert without_gaps(springs) == (complete, provisional, winter_into_january)


def test_numbers_of_extraordinary_sessions_are_seen_but_they_are_not_counted() -> None:
    called = session(
        date(2022, 10, 27),
        1,
        supplementary(2022, 2, by_head=True),
        supplementary(2022, 3),
        kind=SessionKind.EXTRAORDINARY,
    )
    assert without_gaps([JUNE, SEPTEMBER, called, DECEMBER]) == (JUNE, SEPTEMBER, DECEMBER)


def test_only_what_the_council_passed_itself_is_counted() -> None:
    both = session(
        date(2022, 6, 22), 2, supplementary(2022, 1, by_head=True), supplementary(2022, 2)
    )
    assert both.supplementary_passed == 1
