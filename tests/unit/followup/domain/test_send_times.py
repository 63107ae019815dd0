"""When somebody is most likely to answer."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.domain.playbooks.steps import Channel
from followup.domain.send_policy.policy import SendPolicy
from followup.domain.send_times.answer_rates import (
    Tally,
    overall,
    rate_of,
)
from followup.domain.send_times.choice import (
    ENOUGH,
    choose_time,
    open_hours,
)
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

NOW = datetime(2026, 12, 1, 10, tzinfo=JAPAN)
WORKS = SendPolicy(BUSINESS_DAYS).business_time
WEEK = tuple(open_hours(WORKS, NOW, NOW + timedelta(days=7)))


def mails(hour: int, contacts: int, answered: int, *, weekday: int = 1) -> Tally:
    return Tally(
        Channel.MAIL, "manager", "before_request_deadline", weekday, hour, contacts, answered
    )


def chosen(tallies: Iterable[Tally], times: tuple[datetime, ...] = WEEK) -> datetime:
    return choose_time(
        tallies,
        role="manager",
        kind="before_request_deadline",
        times=times,
    ).at


@pytest.mark.parametrize(
    ("tallies", "hour", "weekday"),
    [
        pytest.param([], 10, 1, id="nothing is known"),
        pytest.param([mails(15, 99, 40)], 10, 1, id="too few"),
        pytest.param([mails(10, 100, 5), mails(15, 100, 20)], 15, 1, id="the better hour"),
        pytest.param([mails(10, 100, 10), mails(15, 100, 12)], 10, 1, id="hardly better"),
        pytest.param([mails(10, 1_000, 100), mails(15, 19, 19)], 10, 1, id="too few at 15:00"),
        pytest.param([mails(10, 1_000, 100), mails(15, 20, 6)], 15, 1, id="enough at 15:00"),
        pytest.param([mails(10, 100, 20), mails(7, 100, 90)], 10, 1, id="7:00 is not open"),
        pytest.param(
            [mails(10, 100, 5, weekday=1), mails(10, 100, 20, weekday=3)], 10, 3, id="the weekday"
        ),
        pytest.param(
            [mails(10, 60, 6), replace(mails(15, 60, 50), role="officer")], 10, 1, id="another role"
        ),
        pytest.param(
            [mails(10, 100, 10), replace(mails(15, 100, 90), channel=Channel.CALL)],
            10,
            1,
            id="calls say nothing about mails",
        ),
    ],
)
def test_the_hour_with_the_best_answer_rate_is_chosen(
    tallies: list[Tally], hour: int, weekday: int
) -> None:
    at = chosen(tallies)

    assert (at.hour, at.weekday()) == (hour, weekday)


def test_the_choice_says_why_this_hour() -> None:
    choice = choose_time(
        [mails(10, 100, 5), mails(15, 60, 12)],
        role="manager",
        kind="before_request_deadline",
        times=WEEK,
    )

    assert choice.learnt
    assert choice.text.ja == (
        "同じ役割・用件の連絡160件から選びました。15時台は60件中12件に回答（補正後17.7%）、"
        "火曜日は160件中17件に回答（補正後10.6%）です。"
    )


def test_too_few_contacts_say_so() -> None:
    choice = choose_time(
        [mails(15, 38, 30)],
        role="manager",
        kind="before_request_deadline",
        times=WEEK,
    )

    assert (choice.at, choice.learnt) == (WEEK[0], False)
    assert choice.text.ja == (
        "同じ役割・用件の連絡はまだ38件で、100件に満たないため、最も早い時間にします。"
    )


def test_a_contact_could_be_made_at_once_and_at_each_full_hour() -> None:
    start = datetime(2026, 12, 4, 15, 20, tzinfo=JAPAN)  # Friday

    found = list(open_hours(WORKS, start, start + timedelta(days=3)))

    assert [f"{each:%d %H:%M}" for each in found] == [
        "04 15:20",
        "04 16:00",
        *(f"07 {hour:02}:00" for hour in (9, 10, 11, 13, 14, 15)),
    ]


TALLIES = st.lists(
    st.builds(
        lambda hour, weekday, contacts, share: mails(
            hour, contacts, round(contacts * share), weekday=weekday
        ),
        st.integers(0, 23),
        st.integers(0, 6),
        st.integers(0, 500),
        st.floats(0, 1),
    ),
    max_size=20,
)


@given(TALLIES)
def test_no_rate_is_ever_0_or_1(tallies: list[Tally]) -> None:
    assert 0 < overall(tallies) < 1
    assert 0 < rate_of(tallies, overall(tallies)).expected < 1


@given(TALLIES)
def test_the_time_is_one_of_those_given(tallies: list[Tally]) -> None:
    at = chosen(tallies)

    assert at in WEEK
    if sum(each.contacts for each in tallies) < ENOUGH:
        assert at == WEEK[0]
