"""When the passing of time alone may make a behaviour be seen."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.domain.triggers.absence import next_look
from followup.domain.triggers.catalogue import BEHAVIOURS
from followup.domain.triggers.judging import Observed, judge
from followup.domain.triggers.observations import Organisation, Person
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

ABSENT = (BEHAVIOURS["no_answer"], BEHAVIOURS["silent"])


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


NOW = at("2026-12-01 10:00")


@pytest.mark.parametrize(
    ("person", "expected"),
    [
        (Person(), None),
        (Person(mailed_at=at("2026-11-27 10:00")), "2026-12-07 00:00"),
        (Person(mailed_at=at("2026-11-20 10:00")), None),  # it holds already
        (Person(mailed_at=at("2026-11-27 10:00"), answered_at=at("2026-11-27 10:00")), None),
        (Person(active_at=at("2026-11-27 10:30")), "2027-01-26 10:30"),
        (
            Person(active_at=at("2026-11-27 10:30"), mailed_at=at("2026-11-27 10:00")),
            "2026-12-07 00:00",
        ),
    ],
)
def test_a_lead_is_looked_at_again_when_absence_may_be_seen(
    person: Person, expected: str | None
) -> None:
    assert next_look(ABSENT, person, NOW, BUSINESS_DAYS) == (at(expected) if expected else None)


TIMES = st.none() | st.integers(0, 24 * 80).map(lambda hours: NOW - timedelta(hours=hours))


@given(TIMES, TIMES, TIMES, st.integers(0, 24 * 70))
def test_nothing_comes_to_be_seen_before_that(
    active: datetime | None, mailed: datetime | None, answered: datetime | None, hours: int
) -> None:
    person = Person(active_at=active, mailed_at=mailed, answered_at=answered)
    look_at = next_look(ABSENT, person, NOW, BUSINESS_DAYS)

    def seen(moment: datetime) -> set[str]:
        observed = Observed(person, Organisation(), {}, moment)
        return {each.name for each in ABSENT if judge(each, observed, BUSINESS_DAYS).seen}

    later = NOW + timedelta(hours=hours)
    if look_at is None or later < look_at:
        assert seen(later) == seen(NOW)
    else:
        assert seen(look_at) > seen(NOW)
