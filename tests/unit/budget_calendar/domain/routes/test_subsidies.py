from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.routes.subsidies import OwnShare, Subsidy, match
from budget_calendar.domain.windows import Window
from kakehashi_common.domain.errors import DomainError
from tests.support.budget_calendars import KIRYU, a_subsidy


@pytest.mark.parametrize(
    ("rate", "cap", "amount", "grant", "own"),
    [
        (Fraction(1, 2), None, 10_000_000, 5_000_000, 5_000_000),
        (Fraction(2, 3), None, 10_000_000, 6_666_000, 3_334_000),
        (Fraction(3, 4), 5_000_000, 10_000_000, 5_000_000, 5_000_000),
        (Fraction(1, 1), None, 10_000_000, 10_000_000, 0),
        (Fraction(1, 2), None, 1_999, 0, 1_999),
        (Fraction(1, 2), None, 0, 0, 0),
    ],
)
def test_the_grant_is_rounded_down_to_1000_yen_and_the_rest_is_the_own_share(
    rate: Fraction, cap: int | None, amount: int, grant: int, own: int
) -> None:
    assert a_subsidy(rate=rate, cap=cap).own_share(amount) == OwnShare(grant, own)


def test_the_own_share_of_an_amount_below_0_is_refused() -> None:
    with pytest.raises(DomainError) as refused:
        a_subsidy().own_share(-1)
    assert refused.value.field == "amount"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("rate", Fraction(0), "rate_out_of_range"),
        ("rate", Fraction(3, 2), "rate_out_of_range"),
        ("cap", 0, "amount_too_low"),
        ("cap", -5, "amount_too_low"),
        ("name", "  ", "empty"),
        ("source", "", "empty"),
        ("call_closes", date(2020, 1, 1), "end_before_start"),
        ("decision", Window.on(date(2020, 1, 1)), "end_before_start"),
        ("completed_by", date(2020, 1, 1), "end_before_start"),
    ],
)
def test_a_subsidy_that_breaks_a_rule_is_refused_by_field(
    field: str, value: Any, code: str
) -> None:
    with pytest.raises(DomainError) as refused:
        a_subsidy(**{field: value})
    assert (refused.value.field, refused.value.code) == (field, code)


TOWNS = frozenset({MunicipalityType.TOWN})
CITIES = frozenset({MunicipalityType.CITY})


@pytest.mark.parametrize(
    ("subsidy", "fits"),
    [
        (a_subsidy(), True),
        (a_subsidy(eligible_types=CITIES), True),
        (a_subsidy(eligible_types=TOWNS), False),
        (a_subsidy(policy_areas=frozenset({"digital"})), True),
        (a_subsidy(policy_areas=frozenset({"welfare"})), False),
        (a_subsidy(call_opens=date(2025, 1, 1), call_closes=date(2025, 2, 1)), False),
    ],
)
def test_a_subsidy_matches_by_type_policy_area_and_open_call(
    subsidy: Subsidy, *, fits: bool
) -> None:
    assert bool(match([subsidy], KIRYU, "digital", date(2026, 5, 1))) is fits


def test_the_next_call_to_close_comes_first() -> None:
    late = a_subsidy(id="late", call_closes=date(2027, 2, 20))
    soon = a_subsidy(id="soon", call_closes=date(2027, 1, 20))
    assert match([late, soon], KIRYU, "digital", date(2026, 5, 1)) == (soon, late)
