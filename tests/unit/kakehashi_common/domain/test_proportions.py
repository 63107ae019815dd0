"""Rates, and what so many cases say of them."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kakehashi_common.domain.proportions import ENOUGH, Z_95, Proportion, wilson


@st.composite
def counted(draw: st.DrawFn) -> tuple[int, int]:
    n = draw(st.integers(1, 100_000))
    return draw(st.integers(0, n)), n


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        # Wilson (1927), as tabulated for 95 %.
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
        (0, 1, 0.0, 0.7935),
    ],
)
def test_the_interval_is_wilsons(count: int, n: int, low: float, high: float) -> None:
    found = wilson(count, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-4)


@given(counted())
def test_its_ends_are_the_rates_that_a_score_test_just_accepts(case: tuple[int, int]) -> None:
    """The definition, which Wilson's formula solves: |share − rate| = z · √(rate(1 − rate)/n)."""
    count, n = case
    share = count / n

    def accepted(rate: float) -> bool:
        return abs(share - rate) <= Z_95 * sqrt(rate * (1 - rate) / n)

    def edge(inside: float, outside: float) -> float:
        for _ in range(80):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if accepted(middle) else (inside, middle)
        return inside

    assert wilson(count, n).low == pytest.approx(edge(share, 0.0), abs=1e-7)
    assert wilson(count, n).high == pytest.approx(edge(share, 1.0), abs=1e-7)


@given(counted())
def test_it_holds_the_share_within_0_and_1(case: tuple[int, int]) -> None:
    count, n = case
    found = wilson(count, n)
    assert 0 <= found.low <= count / n <= found.high <= 1


@given(counted())
def test_the_others_have_the_mirrored_interval(case: tuple[int, int]) -> None:
    count, n = case
    others = wilson(n - count, n)
    assert (1 - others.high, 1 - others.low) == pytest.approx(
        (wilson(count, n).low, wilson(count, n).high), abs=1e-12
    )


@given(counted())
def test_more_cases_of_the_same_share_say_more(case: tuple[int, int]) -> None:
    count, n = case
    few, many = wilson(count, n), wilson(2 * count, 2 * n)
    assert many.high - many.low < few.high - few.low


@pytest.mark.parametrize(
    ("count", "n", "rate"), [(0, 0, None), (9, ENOUGH - 1, None), (4, ENOUGH, 0.4), (30, 40, 0.75)]
)
def test_a_rate_is_stated_of_enough_cases_only(count: int, n: int, rate: float | None) -> None:
    found = Proportion(count, n)
    assert (found.rate, found.too_few) == (rate, rate is None)
    assert found.interval == (None if rate is None else wilson(count, n))


def test_whoever_asks_says_how_many_are_enough() -> None:
    assert Proportion(1, 2, enough=2).rate == 0.5
    assert Proportion(1, 2, enough=3).rate is None
    assert Proportion(0, 0, enough=0).rate is None


@pytest.mark.parametrize(("count", "n"), [(-1, 5), (6, 5), (0, -1)])
def test_what_is_no_proportion_is_refused(count: int, n: int) -> None:
    with pytest.raises(ValueError, match="is no proportion"):
        Proportion(count, n)
    with pytest.raises(ValueError, match="is no proportion"):
        wilson(count, n)
