"""Counts per signal and Japan day, and their stored form."""

from array import array
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_scoring.domain.activity import (
    COUNT_MASK,
    KEPT_DAYS,
    MAX_SIGNALS,
    ActivityCounts,
    signal,
)
from lead_scoring.domain.days import day_start, japan_day

DAY = 739860


def counted(*happened: tuple[str, int]) -> ActivityCounts:
    counts = ActivityCounts()
    for name, day in happened:
        counts.add(name, day)
    return counts


HAPPENED = st.lists(
    st.tuples(
        st.sampled_from(["a", "a/x", "b", "page_viewed/pricing", "z"]),
        st.one_of(st.integers(DAY - 3, DAY), st.integers(DAY - 2 * KEPT_DAYS, DAY)),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 8, 31, 14, 59, 59, tzinfo=UTC), "2026-08-31"),
        (datetime(2026, 8, 31, 15, 0, tzinfo=UTC), "2026-09-01"),
        (datetime(2026, 9, 1, 0, 0, tzinfo=timezone(timedelta(hours=9))), "2026-09-01"),
        (datetime(2026, 9, 1, 0, 0, tzinfo=timezone(timedelta(hours=-5))), "2026-09-01"),
        (datetime(2026, 9, 1, 10, 0, tzinfo=timezone(timedelta(hours=-5))), "2026-09-02"),
    ],
)
def test_a_day_is_a_day_in_japan(instant: datetime, day: str) -> None:
    assert datetime.fromordinal(japan_day(instant)).date().isoformat() == day
    assert day_start(japan_day(instant)) <= instant < day_start(japan_day(instant) + 1)


@pytest.mark.parametrize(
    ("kind", "category", "name"),
    [
        ("page_viewed", "pricing", "page_viewed/pricing"),
        ("page_viewed", None, "page_viewed"),
        ("page_viewed", "", "page_viewed"),
    ],
)
def test_a_signal_is_a_kind_with_its_category(kind: str, category: str | None, name: str) -> None:
    assert signal(kind, category) == name


def test_occurrences_are_counted_per_signal_and_day() -> None:
    counts = counted(("b", DAY), ("a", DAY - 1), ("b", DAY), ("b", DAY - 5), ("b", DAY - 2))
    assert counts.counts() == {"a": {DAY - 1: 1}, "b": {DAY - 5: 1, DAY - 2: 1, DAY: 2}}
    assert (counts.oldest(), counts.newest) == (DAY - 5, DAY)


@given(data=st.data(), happened=HAPPENED)
def test_order_changes_nothing(data: st.DataObject, happened: list[tuple[str, int]]) -> None:
    counts = counted(*happened)
    other = counted(*data.draw(st.permutations(happened)))

    assert other == counts
    assert other.newest == counts.newest == max((day for _, day in happened), default=0)
    kept = [(name, day) for name, day in happened if day >= counts.newest - KEPT_DAYS]
    assert {name: sum(days.values()) for name, days in counts.counts().items()} == {
        name: [each for each, _ in kept].count(name) for name, _ in kept
    }


@given(happened=HAPPENED, since=st.integers(DAY - KEPT_DAYS - 5, DAY + 5))
def test_the_oldest_day_since_another(happened: list[tuple[str, int]], since: int) -> None:
    counts = counted(*happened)
    days = [day for by_day in counts.counts().values() for day in by_day]
    assert counts.oldest(since) == min((day for day in days if day >= since), default=0)
    assert counts.oldest() == min(days, default=0)


@given(happened=HAPPENED)
def test_the_stored_form_gives_the_same_counts(happened: list[tuple[str, int]]) -> None:
    counts = counted(*happened)
    read = ActivityCounts.from_bytes(counts.to_bytes())
    assert read == counts
    assert (read.newest, read.oldest()) == (counts.newest, counts.oldest())


@given(stored=st.binary(max_size=60))
def test_other_bytes_are_refused_or_are_counts(stored: bytes) -> None:
    try:
        counts = ActivityCounts.from_bytes(stored)
    except ValueError:
        return
    assert counts.to_bytes() == (stored or b"\0")


@pytest.mark.parametrize(
    "stored",
    [
        b"page_viewed",
        b"a\0",
        b"\0\1\0\0\0",
        b"a\0\2\0\0\0\1\0\0\0",
        b"a\0\1\0\0",
        b"\xff\0",
        b"a\0\0\0\0\0",
    ],
)
def test_bytes_that_are_no_counts_are_refused(stored: bytes) -> None:
    with pytest.raises(ValueError, match=r"no activity counts|codec|multiple"):
        ActivityCounts.from_bytes(stored)


def test_what_is_over_800_days_older_than_the_newest_is_forgotten() -> None:
    counts = counted(("a", DAY - KEPT_DAYS - 1), ("b", DAY - KEPT_DAYS))
    assert counts.add("c", DAY)
    assert not counts.add("a", DAY - KEPT_DAYS - 1)
    assert counts.counts() == {"b": {DAY - KEPT_DAYS: 1}, "c": {DAY: 1}}


def test_a_day_counts_at_most_4095_times() -> None:
    counts = counted(*[("a", DAY)] * (COUNT_MASK + 1))
    assert counts.counts() == {"a": {DAY: COUNT_MASK}}
    assert not counts.add("a", DAY)


def test_a_year_of_daily_visits_takes_little_room() -> None:
    counts = counted(*[("page_viewed/pricing", DAY - age) for age in range(365)])
    assert len(counts.to_bytes()) < 1500


def test_counts_differ_from_other_things() -> None:
    assert counted(("a", DAY)) != counted(("a", DAY - 1))
    assert counted() != array("I")


def test_a_lead_keeps_the_same_512_signals_in_whatever_order_they_come() -> None:
    given = [(f"page_viewed/session-{number}", DAY - number % 300) for number in range(700)]
    counts = counted(*given)
    assert len(counts.signals) == MAX_SIGNALS
    assert counted(*reversed(given)) == counts
    assert counted(*sorted(given)) == counts
