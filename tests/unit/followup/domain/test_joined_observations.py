"""Observations of two leads that turn out to be one person."""

from datetime import UTC, date, datetime, timedelta

from followup.domain.triggers.conditions import MAX_TIMES
from followup.domain.triggers.days import KnownDay
from followup.domain.triggers.observations import DayScore, Mark, Organisation, Person
from kakehashi_common.domain.reasons import ReasonKind

NOON = datetime(2026, 11, 20, 3, tzinfo=UTC)
DAY = timedelta(days=1)


def marks(*days_ago: int) -> tuple[Mark, ...]:
    return tuple(Mark(NOON - days * DAY, "pricing") for days in days_ago)


def test_marks_of_both_count_once_each_and_the_newest_times_stay() -> None:
    one = Person({"p": marks(5, 1), "q": marks(3)}, active_at=NOON - DAY)
    other = Person({"p": marks(5, 2), "r": marks(4)}, mailed_at=NOON, answered_at=NOON - DAY)
    joined = one.joined(other)
    assert joined == Person(
        {"p": marks(5, 2, 1), "q": marks(3), "r": marks(4)},
        active_at=NOON - DAY,
        mailed_at=NOON,
        answered_at=NOON - DAY,
    )
    assert joined == other.joined(one)


def test_no_more_marks_are_kept_than_of_one_person() -> None:
    days = range(2 * MAX_TIMES)
    one = Person({"p": marks(*reversed(days[::2]))})
    other = Person({"p": marks(*reversed(days[1::2]))})
    assert one.joined(other).marks["p"] == marks(*reversed(days[:MAX_TIMES]))


def test_scores_are_not_mixed() -> None:
    score = DayScore(date(2026, 11, 20), 10.0, NOON, 10.0)
    assert Person(scores=(score,)).joined(Person()).scores == (score,)
    assert Person().joined(Person(scores=(score,))).scores == ()


def test_one_person_of_an_organisation_counts_once() -> None:
    active = {"p": {"old": NOON, "new": NOON - DAY, "x": NOON}, "q": {"old": NOON}, "r": {}}
    assert Organisation(active).joined("old", "new").active == {
        "p": {"new": NOON, "x": NOON},
        "q": {"new": NOON},
        "r": {},
    }


def test_a_day_of_a_person_is_renamed_and_one_of_a_deal_is_not() -> None:
    def day(day_id: str, kind: ReasonKind) -> KnownDay:
        return KnownDay(day_id, kind, date(2026, 4, 1), NOON, lead_id="crm/1")

    met = day("first-meeting/crm/1", ReasonKind.FIRST_MEETING_ANNIVERSARY)
    ends = day("contract/crm/1", ReasonKind.CONTRACT_EXPIRY)
    assert met.under("crm/2").day_id == "first-meeting/crm/2"
    assert ends.under("crm/2").day_id == "contract/crm/1"
    assert {each.under("crm/2").lead_id for each in (met, ends)} == {"crm/2"}
