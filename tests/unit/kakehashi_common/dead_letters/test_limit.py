from collections.abc import Mapping
from datetime import timedelta

import pytest

from kakehashi_common.dead_letters.limit import UNKNOWN_SOURCE, DeadLetterLimit, DeadLetterRate

LIMIT = DeadLetterLimit(share=0.2, at_least=50, records=1000, window=timedelta(minutes=10))
A, B = "https://a.example", "https://b.example"

Step = tuple[float, Mapping[str, int], Mapping[str, int], bool]
"""When, records and dead letters by source, and whether the consumer has to stop then."""

HISTORIES: dict[str, list[Step]] = {
    "a few bad records, however large their share": [(0, {A: 49}, {A: 49}, False)],
    "many bad records": [(0, {A: 50}, {A: 50}, True)],
    "a fifth of a large stream, for ever": [(n, {A: 1000}, {A: 200}, False) for n in range(100)],
    "a large share of many": [(0, {A: 750}, {}, False), (1, {A: 200}, {A: 200}, True)],
    "old batches no longer count": [
        (0, {A: 40}, {A: 40}, False),
        (601, {A: 40}, {A: 40}, False),
        (602, {A: 10}, {A: 10}, True),
    ],
    "records beyond the window no longer count": [
        (0, {A: 49}, {A: 49}, False),
        (1, {A: 5000}, {}, False),
        (2, {A: 1000}, {}, False),
        (3, {A: 245}, {A: 245}, False),
        (4, {A: 5}, {A: 5}, False),
        (5, {A: 1}, {A: 1}, True),
    ],
    "one bad source, when another is read well": [
        (0, {B: 1}, {}, False),
        (1, {A: 5000}, {A: 5000}, False),
        (2, {A: 5000}, {A: 5000}, False),
    ],
    "a bad source, and one that was read well hours ago": [
        (0, {B: 1}, {}, False),
        (7200, {A: 5000}, {A: 5000}, False),
    ],
    "a bad source, and one that was read well days ago": [
        (0, {B: 1}, {}, False),
        (200_000, {A: 50}, {A: 50}, True),
    ],
    "every source is bad": [
        (0, {A: 30}, {A: 30}, False),
        (1, {B: 100}, {B: 30}, True),
    ],
    "records whose source can't be read count as those of one": [
        (0, {B: 1}, {}, False),
        (1, {UNKNOWN_SOURCE: 50}, {UNKNOWN_SOURCE: 50}, False),
        (2, {B: 9}, {B: 9}, True),
    ],
    "a source made up for each record": [
        (n, {f"urn:{n}": 1}, {f"urn:{n}": 1}, n >= 49) for n in range(60)
    ],
    "the handler finds the last of too many": [
        (0, {A: 2000}, {}, False),
        *((1, {}, {A: 1}, n == 400) for n in range(401)),
    ],
}


@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_the_consumer_stops_when_no_source_is_read_well(history: list[Step]) -> None:
    rate = DeadLetterRate(LIMIT)
    for now, records, dead, stops in history:
        assert (rate.exceeded_by(records, dead, now) is not None) == stops, now


def test_the_reason_counts_and_names_the_sources() -> None:
    rate = DeadLetterRate(LIMIT)
    rate.exceeded_by({A: 40}, {A: 40}, now=0)
    assert rate.exceeded_by({UNKNOWN_SOURCE: 60}, {UNKNOWN_SOURCE: 20}, now=1) == (
        "60 of the last 100 records can't be handled, more than 20% of every source "
        "('https://a.example', of no readable source)"
    )


def test_the_number_of_sources_with_metrics_of_their_own_is_bounded() -> None:
    rate = DeadLetterRate(LIMIT)
    for n in range(5000):
        reason = rate.exceeded_by({f"urn:{n}": 1}, {f"urn:{n}": 1}, now=n / 100)
    assert reason is not None
    assert reason.endswith("and 98 more)")


@pytest.mark.parametrize("source", [A, None])
def test_what_an_operator_admits_does_not_count_until_its_time_is_over(source: str | None) -> None:
    rate = DeadLetterRate(LIMIT)
    assert rate.exceeded_by({A: 60}, {A: 60}, now=0) is not None
    rate.admit(source, until=100)
    assert rate.is_admitted(1)
    assert rate.exceeded_by({A: 600}, {A: 600}, now=50) is None
    assert rate.exceeded_by({A: 40}, {A: 40}, now=101) is None
    assert rate.exceeded_by({A: 10}, {A: 10}, now=102) is not None


def test_admitting_another_source_ends_nothing() -> None:
    rate = DeadLetterRate(LIMIT)
    rate.exceeded_by({A: 60}, {A: 60}, now=0)
    rate.admit(B, until=100)
    assert not rate.is_admitted(1)
