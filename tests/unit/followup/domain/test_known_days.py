"""When a day that is known long before becomes a reason, and again."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from followup.domain.triggers.days import KnownDay
from kakehashi_common.domain.reasons import ReasonKind

SAID_AT = datetime(2025, 12, 3, tzinfo=UTC)
MEETING = KnownDay(
    "first-meeting/crm-1",
    ReasonKind.FIRST_MEETING_ANNIVERSARY,
    date(2025, 12, 3),
    SAID_AT,
    lead_id="crm-1",
)
CONTRACT = KnownDay(
    "contract/d-1",
    ReasonKind.CONTRACT_EXPIRY,
    date(2031, 3, 31),
    SAID_AT,
    municipality_code="102032",
    owner="s-1",
)

CARD = replace(
    MEETING, day_id="first-contact/crm-1", kind=ReasonKind.FIRST_CONTACT, day=date(2026, 4, 8)
)
TURN = replace(CARD, day_id="regular-value/crm-1", kind=ReasonKind.REGULAR_VALUE)


@pytest.mark.parametrize(
    ("known", "today", "raise_on"),
    [
        (MEETING, date(2025, 12, 3), date(2026, 11, 26)),
        (MEETING, date(2026, 11, 25), date(2026, 11, 26)),
        (MEETING, date(2026, 12, 10), date(2026, 11, 26)),  # still good
        (MEETING, date(2026, 12, 11), date(2027, 11, 26)),
        (CARD, date(2026, 4, 8), date(2026, 4, 8)),
        (CARD, date(2026, 4, 22), date(2026, 4, 8)),  # still good
        (CARD, date(2026, 4, 23), None),
        (TURN, date(2026, 4, 8), date(2026, 9, 13)),  # not within a quarter of the first contact
        (TURN, date(2026, 9, 27), date(2026, 9, 13)),
        (TURN, date(2026, 9, 28), date(2026, 12, 14)),
        (TURN, date(2026, 12, 29), date(2027, 3, 16)),
        (CONTRACT, date(2026, 4, 1), date(2029, 9, 29)),  # 18 months before the end
        (CONTRACT, date(2030, 3, 31), date(2029, 9, 29)),
        (CONTRACT, date(2030, 4, 1), None),  # the budget of its successor is requested by then
    ],
)
def test_a_known_day_says_when_its_reason_begins(
    known: KnownDay, today: date, raise_on: date | None
) -> None:
    assert known.raise_on(today) == raise_on


@pytest.mark.parametrize(
    ("known", "today", "good"),
    [
        (MEETING, date(2026, 11, 25), None),
        (MEETING, date(2026, 11, 26), (date(2026, 11, 26), date(2026, 12, 10))),
        (MEETING, date(2026, 12, 10), (date(2026, 11, 26), date(2026, 12, 10))),
        (MEETING, date(2026, 12, 11), None),
        (CONTRACT, date(2029, 9, 28), None),
        (CONTRACT, date(2029, 9, 29), (date(2029, 9, 29), date(2030, 3, 31))),
        (CONTRACT, date(2030, 4, 1), None),
    ],
)
def test_a_reason_is_there_while_it_is_good(
    known: KnownDay, today: date, good: tuple[date, date] | None
) -> None:
    reason = known.reason(today)
    assert (reason and (reason.good_from, reason.good_until)) == good


def test_the_texts_say_why_and_what_to_do() -> None:
    anniversary = MEETING.reason(date(2027, 12, 3))
    assert anniversary is not None
    assert anniversary.label.ja == (
        "初回の面談をした2025年12月3日（水）から2年です。"
        "これまでのお付き合いへのお礼とともに、近況を伺いましょう。"
    )
    expiry = CONTRACT.reason(date(2029, 10, 1))
    assert expiry is not None
    assert expiry.label.ja.startswith("契約が2031年3月31日（月）に満了します。")
    assert (expiry.municipality_code, expiry.owner) == ("102032", "s-1")


def test_turns_are_spread_over_the_quarter() -> None:
    turns = [replace(TURN, day_id=f"regular-value/crm-{n}") for n in range(770)]
    days = Counter(each.raise_on(date(2026, 10, 1)) for each in turns)
    assert min(filter(None, days)) >= date(2026, 10, 1)
    assert max(filter(None, days)) <= date(2026, 12, 17)
    assert max(days.values()) <= 30
