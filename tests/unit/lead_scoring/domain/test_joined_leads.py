"""Two leads that turn out to be one person are as if all had been said of one."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lead_scoring.domain.activity import COUNT_MASK, ActivityCounts
from lead_scoring.domain.days import japan_day
from lead_scoring.domain.lead import NEVER_QUALIFIED, Fact, Lead, Qualification
from tests.support import lead_histories

NOW = datetime(2026, 9, 1, 3, tzinfo=UTC)
DAY = timedelta(days=1)


def lead(facts: list[Fact]) -> Lead:
    known = Lead("crm-1")
    for each in facts:
        known.apply(each)
    return known


@given(facts=lead_histories.histories(), data=st.data())
def test_joined_leads_know_what_one_would(facts: list[Fact], data: st.DataObject) -> None:
    of_other = data.draw(st.lists(st.booleans(), min_size=len(facts), max_size=len(facts)))
    one = lead([each for each, other in zip(facts, of_other, strict=True) if not other])
    one.join(lead([each for each, other in zip(facts, of_other, strict=True) if other]))
    assert one == lead(facts)


def test_a_count_never_passes_its_limit() -> None:
    one, other = ActivityCounts(), ActivityCounts()
    for counts in (one, other):
        for _ in range(COUNT_MASK - 1):
            counts.add("a", japan_day(NOW))
    one.join(other)
    assert one.counts() == {"a": {japan_day(NOW): COUNT_MASK}}


EARLY = Qualification(True, 3, NOW - 9 * DAY, NOW - 20 * DAY)
LATE = Qualification(False, 1, NOW - 5 * DAY, NOW - 2 * DAY)


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        (NEVER_QUALIFIED, NEVER_QUALIFIED, NEVER_QUALIFIED),
        (NEVER_QUALIFIED, EARLY, EARLY),
        (EARLY, NEVER_QUALIFIED, EARLY),
        (EARLY, LATE, LATE._replace(number=3)),
        (LATE, EARLY, LATE._replace(number=3)),
    ],
)
def test_the_later_qualification_counts_with_the_higher_number(
    one: Qualification, other: Qualification, joined: Qualification
) -> None:
    assert one.joined(other) == joined
