"""The channel by which somebody is most likely to answer."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from followup.domain.playbooks.steps import (
    BestChannelStep,
    Channel,
    MailStep,
    TaskKind,
    TaskStep,
)
from followup.domain.send_times.answer_rates import Tally
from followup.domain.send_times.channel import choose_channel, likely_channels
from tests.unit.followup.domain.playbooks.examples import playbook

MAIL, CALL, LETTER = Channel.MAIL, Channel.CALL, Channel.LETTER
ALL = (MAIL, CALL, LETTER)


def contacts(channel: Channel, contacts: int, answered: int, *, hour: int = 10) -> Tally:
    return Tally(channel, "officer", "first_contact", 1, hour, contacts, answered)


def chosen(tallies: list[Tally], channels: tuple[Channel, ...] = ALL) -> Channel:
    return choose_channel(tallies, role="officer", kind="first_contact", channels=channels).channel


@pytest.mark.parametrize(
    ("tallies", "channel"),
    [
        pytest.param([], MAIL, id="nothing is known"),
        pytest.param([contacts(MAIL, 200, 10), contacts(CALL, 50, 25)], CALL, id="enough calls"),
        pytest.param([contacts(MAIL, 200, 10), contacts(CALL, 49, 49)], MAIL, id="too few calls"),
        pytest.param([contacts(MAIL, 49, 0), contacts(CALL, 500, 250)], MAIL, id="too few mails"),
        pytest.param([contacts(MAIL, 200, 40), contacts(CALL, 200, 46)], MAIL, id="hardly better"),
        pytest.param([contacts(MAIL, 200, 60), contacts(CALL, 200, 20)], MAIL, id="worse"),
        pytest.param(
            [contacts(MAIL, 200, 10), contacts(CALL, 90, 30), contacts(LETTER, 90, 60)],
            LETTER,
            id="the best of three",
        ),
        pytest.param(
            [contacts(MAIL, 200, 10), contacts(CALL, 90, 30), contacts(LETTER, 20, 20)],
            CALL,
            id="too few letters",
        ),
        pytest.param(
            [contacts(MAIL, 200, 10), *(contacts(CALL, 10, 5, hour=at) for at in range(9, 15))],
            CALL,
            id="calls of all hours count together",
        ),
        pytest.param(
            [contacts(MAIL, 200, 10), replace(contacts(CALL, 200, 100), role="manager")],
            MAIL,
            id="another role",
        ),
        pytest.param(
            [contacts(MAIL, 200, 10), replace(contacts(CALL, 200, 100), kind="enquiry")],
            MAIL,
            id="another kind",
        ),
    ],
)
def test_the_channel_with_the_best_answer_rate_is_chosen(
    tallies: list[Tally], channel: Channel
) -> None:
    assert chosen(tallies) is channel


def test_what_is_not_possible_is_not_compared() -> None:
    tallies = [contacts(MAIL, 200, 100), contacts(CALL, 100, 10), contacts(LETTER, 100, 30)]
    assert chosen(tallies, (CALL, LETTER)) is LETTER
    assert chosen(tallies, (CALL,)) is CALL


@pytest.mark.parametrize(
    ("mails", "calls", "learnt", "ja"),
    [
        (
            (120, 12),
            (80, 24),
            True,
            (
                "では、メールは120件中12件に回答（補正後11.1%）、電話は80件中24件に回答（補正後27.6%）です。"
                "電話にします。"
            ),
        ),
        (
            (120, 30),
            (80, 22),
            True,
            (
                "では、メールは120件中30件に回答（補正後25.1%）、電話は80件中22件に回答（補正後27.2%）です。"
                "2割以上よい手段がないため、先に挙げたメールにします。"
            ),
        ),
        (
            (120, 12),
            (8, 4),
            False,
            (
                "はまだメール120件、電話8件で、比べるには手段ごとに50件が必要なため、"
                "先に挙げたメールにします。"
            ),
        ),
    ],
    ids=["better", "hardly better", "too few"],
)
def test_the_choice_says_why_this_channel(
    mails: tuple[int, int], calls: tuple[int, int], ja: str, *, learnt: bool
) -> None:
    choice = choose_channel(
        [contacts(MAIL, *mails), contacts(CALL, *calls)],
        role="officer",
        kind="first_contact",
        channels=(MAIL, CALL),
    )
    assert (choice.learnt, choice.text.ja) == (learnt, f"同じ役割・用件の連絡{ja}")


SECOND = BestChannelStep(
    id="second",
    channels=(
        MailStep(id="second_mail", template="second"),
        TaskStep(id="second_call", kind=TaskKind.CALL, title="電話", due_business_days=2),
    ),
)


@pytest.mark.parametrize(
    ("calls", "has_address", "expected"),
    [(0, True, "second_mail"), (100, True, "second_call"), (0, False, "second_call")],
    ids=["the first", "what was learnt", "no address"],
)
def test_a_step_with_channels_is_estimated_by_the_one_that_would_be_chosen_now(
    calls: int, expected: str, *, has_address: bool
) -> None:
    tallies = [contacts(MAIL, 100, 5), contacts(CALL, calls, calls // 2)]
    found = likely_channels(
        playbook(MailStep(id="first", template="first"), SECOND),
        tallies,
        role="officer",
        kind="first_contact",
        has_address=has_address,
    )
    assert found == {"second": expected}


@given(
    st.lists(
        st.builds(
            lambda channel, count, share: contacts(channel, count, round(count * share)),
            st.sampled_from(Channel),
            st.integers(0, 300),
            st.floats(0, 1),
        ),
        max_size=8,
    ),
    st.permutations(ALL).flatmap(
        lambda order: st.integers(1, 3).map(lambda length: tuple(order[:length]))
    ),
)
def test_the_channel_is_one_of_those_given_and_the_same_again(
    tallies: list[Tally], channels: tuple[Channel, ...]
) -> None:
    found = chosen(tallies, channels)
    assert found in channels
    assert chosen(list(reversed(tallies)), channels) is found
