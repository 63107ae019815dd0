from datetime import date
from typing import Any

import pytest

from budget_calendar.domain.goals import (
    ContractCategory,
    PursuitGoal,
    contract_end,
    successor_begins,
    successor_goal,
)
from kakehashi_common.domain.errors import DomainError

APRIL = date(2027, 4, 1)


def goal(**changed: Any) -> PursuitGoal:
    values: dict[str, Any] = {
        "policy_area": "digital",
        "amount": 12_000_000,
        "wanted_start": APRIL,
        "category": ContractCategory.SERVICES,
    }
    return PursuitGoal(**{**values, **changed})


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("amount", 0, "amount_too_low"),
        ("amount", -1, "amount_too_low"),
        ("amount", 1.5, "amount_not_whole"),
        ("amount", True, "amount_not_whole"),
        ("years", 0, "years_out_of_range"),
        ("years", 11, "years_out_of_range"),
        ("policy_area", "", "policy_area_malformed"),
        ("policy_area", "デジタル", "policy_area_malformed"),
        ("policy_area", "a" * 65, "policy_area_malformed"),
        ("description", "x" * 501, "description_too_long"),
        ("description", "portal\0", "not_text"),
    ],
)
def test_a_goal_that_breaks_a_rule_is_refused_by_field(field: str, value: Any, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        goal(**{field: value})
    assert (refused.value.field, refused.value.code) == (field, code)


@pytest.mark.parametrize(
    ("years", "starts", "ends", "several_fiscal_years"),
    [
        (None, APRIL, date(2028, 3, 31), False),
        (None, date(2027, 11, 5), date(2028, 3, 31), False),
        (1, APRIL, date(2028, 3, 31), False),
        (1, date(2027, 10, 1), date(2028, 9, 30), True),
        (5, APRIL, date(2032, 3, 31), True),
        (3, date(2028, 2, 29), date(2031, 2, 28), True),
    ],
)
def test_when_a_contract_ends(
    years: int | None, starts: date, ends: date, *, several_fiscal_years: bool
) -> None:
    wanted = goal(years=years, wanted_start=starts)
    assert contract_end(wanted, starts) == ends
    assert wanted.multi_year is several_fiscal_years


@pytest.mark.parametrize(
    ("contract_until", "begins"),
    [
        # Starts 1 April 2032; that budget is requested in autumn 2031.
        (date(2032, 3, 31), date(2031, 4, 1)),
        # Starts 1 October 2031, in fiscal 2031, whose budget is requested in autumn 2030.
        (date(2031, 9, 30), date(2030, 4, 1)),
    ],
)
def test_a_successor_begins_half_a_year_before_its_requests_close(
    contract_until: date, begins: date
) -> None:
    assert successor_begins(contract_until) == begins


def test_a_successor_wants_the_same_from_the_next_day_and_stays_in_a_skeleton_budget() -> None:
    following = successor_goal(goal(years=5), date(2032, 3, 31))
    assert following == goal(years=5, wanted_start=date(2032, 4, 1), continues_contract=True)
