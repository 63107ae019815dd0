"""The time of mail to a member who works Monday to Friday, 9 to 12 and 13 to 18."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.notifications.timing import (
    DigestPolicy,
    MailPlan,
    WaitingNotice,
    plan_mail,
)
from kakehashi_common.domain.business_time import Absence, BusinessTime, NoWorkingHoursError
from tests.support.handoffs import OFFICE, TEAM, at, is_business_day

POLICY = DigestPolicy(digest_after=3, digest_at=time(8, 30))
AWAY_TUESDAY = BusinessTime(
    is_business_day, OFFICE, [Absence(at("2026-12-01 00:00"), at("2026-12-02 00:00"))]
)
"""1 December 2026 is a Tuesday."""


def notices(count: int, created: str, **differences: object) -> list[WaitingNotice]:
    moment = at(created)
    return [
        WaitingNotice(UUID(int=number), moment + timedelta(seconds=number), **differences)  # type: ignore[arg-type]
        for number in range(1, count + 1)
    ]


def planned(
    waiting: Sequence[WaitingNotice],
    now: str,
    *,
    sent_today: int = 0,
    working: BusinessTime = TEAM,
    policy: DigestPolicy = POLICY,
) -> list[str]:
    """Return the plan for each notice, in order."""
    plan = plan_mail(waiting, now=at(now), sent_today=sent_today, working=working, policy=policy)
    return [_outcome(plan, each.notification_id) for each in waiting]


def _outcome(plan: MailPlan, which: UUID) -> str:
    found = [
        *("alone" for each in plan.single if each == which),
        *("digest" for each in plan.digest if each == which),
        *(f"alone {_moment(until)}" for each, until in plan.later.items() if each == which),
        *(f"digest {_moment(until)}" for each, until in plan.next_digest.items() if each == which),
    ]
    [outcome] = found
    return outcome


def _moment(instant: datetime) -> str:
    return f"{instant:%a} {instant.day} {instant:%H:%M}"


@pytest.mark.parametrize(
    ("count", "now", "outcome"),
    [
        # Few: singly, in working hours.
        (1, "2026-11-30 10:00", ["alone"]),
        (3, "2026-11-30 10:00", ["alone"] * 3),
        (1, "2026-11-30 12:30", ["alone Mon 30 13:00"]),
        (1, "2026-11-30 18:00", ["alone Tue 1 09:00"]),
        (1, "2026-11-30 03:00", ["alone Mon 30 09:00"]),
        # Friday evening, a holiday on Monday, the year's end.
        (2, "2026-11-27 19:30", ["alone Mon 30 09:00"] * 2),
        (1, "2026-11-20 19:30", ["alone Tue 24 09:00"]),
        (1, "2026-12-28 18:00", ["alone Mon 4 09:00"]),
        # Many: the further ones are gathered.
        (5, "2026-11-30 10:00", ["alone"] * 3 + ["digest Tue 1 08:30"] * 2),
        # Many before work: all with the digest, which comes first.
        (4, "2026-11-27 19:30", ["digest Mon 30 08:30"] * 4),
        (4, "2026-11-20 19:30", ["digest Tue 24 08:30"] * 4),
        (4, "2026-11-30 08:00", ["digest Mon 30 08:30"] * 4),
        # Many between the digest and work, or at lunch: the digest comes later.
        (4, "2026-11-30 08:45", ["alone Mon 30 09:00"] * 3 + ["digest Tue 1 08:30"]),
        (4, "2026-11-30 12:15", ["alone Mon 30 13:00"] * 3 + ["digest Tue 1 08:30"]),
    ],
)
def test_notices_that_are_not_urgent(count: int, now: str, outcome: list[str]) -> None:
    assert planned(notices(count, now), now) == outcome


@pytest.mark.parametrize("now", ["2026-11-30 10:00", "2026-11-28 03:00", "2026-12-31 23:59"])
def test_urgent_ones_go_at_once_whatever_else_waits(now: str) -> None:
    urgent, *others = notices(6, now)
    outcome = planned([replace(urgent, urgent=True), *others], now, sent_today=9)
    assert outcome[0] == "alone"
    assert all(each.startswith("digest ") for each in outcome[1:])


@pytest.mark.parametrize(
    ("sent_today", "now", "outcome"),
    [
        (2, "2026-11-30 15:00", ["alone", "digest Tue 1 08:30"]),
        (3, "2026-11-30 15:00", ["digest Tue 1 08:30"] * 2),
        (3, "2026-11-27 15:00", ["digest Mon 30 08:30"] * 2),
        # What was sent today doesn't count for the day on which these go.
        (3, "2026-11-30 18:30", ["alone Tue 1 09:00"] * 2),
    ],
)
def test_what_was_sent_on_the_day_counts(sent_today: int, now: str, outcome: list[str]) -> None:
    assert planned(notices(2, now), now, sent_today=sent_today) == outcome


def gathered(until: str) -> WaitingNotice:
    return WaitingNotice(UUID(int=9), at("2026-11-30 15:00"), for_digest=True, until=at(until))


@pytest.mark.parametrize(
    ("now", "outcome"),
    [
        ("2026-11-30 16:00", ["alone", "digest Tue 1 08:30"]),
        # What comes before the digest goes with it.
        ("2026-11-30 19:00", ["digest Tue 1 08:30"] * 2),
        ("2026-12-01 08:30", ["digest"] * 2),
        # The notifier was stopped meanwhile.
        ("2026-12-01 11:00", ["digest"] * 2),
    ],
)
def test_a_digest_takes_all_that_waits_when_its_time_comes(now: str, outcome: list[str]) -> None:
    assert planned([*notices(1, "2026-11-30 15:30"), gathered("2026-12-01 08:30")], now) == outcome


@pytest.mark.parametrize(
    ("count", "now", "outcome"),
    [
        (1, "2026-11-30 17:30", ["alone"]),
        (1, "2026-11-30 19:00", ["alone Wed 2 09:00"]),
        (1, "2026-12-01 10:00", ["alone Wed 2 09:00"]),
        (4, "2026-12-01 10:00", ["digest Wed 2 08:30"] * 4),
    ],
)
def test_an_absence_is_waited_for(count: int, now: str, outcome: list[str]) -> None:
    assert planned(notices(count, now), now, working=AWAY_TUESDAY) == outcome


def test_a_digest_waits_for_an_absence_that_was_entered_later() -> None:
    waiting = [gathered("2026-12-01 08:30")]
    assert planned(waiting, "2026-12-01 08:30", working=AWAY_TUESDAY) == ["digest Wed 2 08:30"]


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [
        (DigestPolicy(0, time(8, 30)), ["digest Tue 1 08:30"] * 2),
        (DigestPolicy(1, time(8, 30)), ["alone", "digest Tue 1 08:30"]),
        (DigestPolicy(0, time(16)), ["digest Mon 30 16:00"] * 2),
    ],
)
def test_the_settings_say_how_many_are_many_and_when_the_digest_goes(
    policy: DigestPolicy, outcome: list[str]
) -> None:
    assert planned(notices(2, "2026-11-30 10:00"), "2026-11-30 10:00", policy=policy) == outcome


def test_who_never_works_is_not_planned_for() -> None:
    never = BusinessTime(lambda _: False, OFFICE)
    with pytest.raises(NoWorkingHoursError):
        planned(notices(1, "2026-11-30 10:00"), "2026-11-30 10:00", working=never)


_MINUTES = st.integers(0, 60 * 24 * 40).map(
    lambda each: at("2026-12-14 00:00") + timedelta(minutes=each)
)


@given(st.lists(st.tuples(_MINUTES, st.booleans()), max_size=12), _MINUTES, st.integers(0, 5))
def test_every_notice_goes_once_or_waits_for_a_time_to_come(
    created: list[tuple[datetime, bool]], now: datetime, sent_today: int
) -> None:
    waiting = [
        WaitingNotice(UUID(int=number), moment, urgent=urgent)
        for number, (moment, urgent) in enumerate(created)
    ]
    plan = plan_mail(waiting, now=now, sent_today=sent_today, working=TEAM, policy=POLICY)
    planned_ids = [*plan.single, *plan.digest, *plan.later, *plan.next_digest]
    assert sorted(planned_ids) == [each.notification_id for each in waiting]
    assert all(until > now for until in (*plan.later.values(), *plan.next_digest.values()))
    assert all(TEAM.is_open(until) for until in plan.later.values())
    urgent = {each.notification_id for each in waiting if each.urgent}
    assert len(plan.single) <= len(urgent) + max(0, POLICY.digest_after - sent_today)
