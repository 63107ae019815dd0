"""The success of pairs, and the weight of few cases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff.domain.measures.pairs import PRIOR_CASES, Pair, Pairs, pairs
from handoff.domain.measures.rounds import Answer, Offer, Round, Step, Subject
from kakehashi_common.domain.proportions import ENOUGH, Proportion
from tests.support.handoffs import at

MONDAY = at("2026-11-30 10:00")


def finished(sender: str | None, owner: str, step: Step, lost: str | None = None) -> Round:
    """Return a round that was accepted or not, came so far and ended."""
    answer = Answer.ACCEPTED if step >= Step.ACCEPTED else Answer.REJECTED
    return Round(
        Subject("h-1", sender),
        1,
        MONDAY,
        owner=owner,
        reached={Step.REQUESTED: MONDAY, step: MONDAY},
        lost=lost,
        ended_at=MONDAY,
        offers=[Offer(owner, MONDAY, answer, MONDAY)],
    )


def rounds_of_pair(sender: str, owner: str, *, won: int, lost: int, rejected: int) -> list[Round]:
    return [
        *(finished(sender, owner, Step.WON) for _ in range(won)),
        *(finished(sender, owner, Step.MET, "lost") for _ in range(lost)),
        *(finished(sender, owner, Step.ASSIGNED, "no_need") for _ in range(rejected)),
    ]


def by_pair(found: Pairs) -> dict[tuple[str, str], Pair]:
    return {(each.sender, each.owner): each for each in found.pairs}


def test_an_estimate_lies_between_the_pairs_rate_and_that_of_all() -> None:
    found = pairs(
        [
            *rounds_of_pair("is-1", "fs-1", won=10, lost=0, rejected=0),
            *rounds_of_pair("is-2", "fs-2", won=20, lost=70, rejected=0),
        ]
    )
    overall = 30 / 100
    assert found.overall_won == Proportion(30, 100)
    few, many = by_pair(found)["is-1", "fs-1"].won, by_pair(found)["is-2", "fs-2"].won
    # Ten cases of its own and ten of the average: half way.
    assert few.estimate == pytest.approx((1.0 + overall) / 2)
    assert many.estimate == pytest.approx((20 + 10 * overall) / 100)


def test_a_pair_of_which_too_little_is_known_is_left_out_but_counts_for_all() -> None:
    found = pairs(
        [
            *rounds_of_pair("is-1", "fs-1", won=ENOUGH - 1, lost=0, rejected=0),
            *rounds_of_pair("is-2", "fs-2", won=0, lost=0, rejected=ENOUGH),
        ]
    )
    assert (list(by_pair(found)), found.left_out) == ([("is-2", "fs-2")], 1)
    assert found.overall_accepted == Proportion(ENOUGH - 1, 2 * ENOUGH - 1)
    never_decided = by_pair(found)["is-2", "fs-2"].won
    assert (never_decided.proportion.n, never_decided.estimate) == (0, None)


def test_a_handoff_without_a_sender_belongs_to_no_pair() -> None:
    found = pairs([finished(None, "fs-1", Step.WON) for _ in range(20)])
    assert (found.pairs, found.left_out, found.overall_won) == ([], 0, Proportion(20, 20))


def test_the_most_successful_pair_comes_first_and_what_is_too_few_to_say_last() -> None:
    found = pairs(
        [
            *rounds_of_pair("is-1", "fs-3", won=2, lost=18, rejected=0),
            *rounds_of_pair("is-1", "fs-1", won=0, lost=0, rejected=20),
            *rounds_of_pair("is-1", "fs-2", won=10, lost=10, rejected=0),
        ]
    )
    assert [each.owner for each in found.pairs] == ["fs-2", "fs-3", "fs-1"]


@given(st.integers(0, 40), st.integers(0, 40), st.integers(1, 40))
def test_it_is_the_mean_of_the_beta_distribution(won: int, lost: int, others: int) -> None:
    """A second computation: Beta(k·overall + won, k·(1 − overall) + lost)."""
    found = pairs(
        [
            *rounds_of_pair("is-1", "fs-1", won=won, lost=lost, rejected=ENOUGH),
            *rounds_of_pair("is-2", "fs-2", won=others, lost=1, rejected=0),
        ]
    )
    estimate = by_pair(found)["is-1", "fs-1"].won.estimate
    if won + lost < ENOUGH:
        assert estimate is None
        return
    overall = (won + others) / (won + lost + others + 1)
    alpha, beta = PRIOR_CASES * overall + won, PRIOR_CASES * (1 - overall) + lost
    assert estimate == pytest.approx(alpha / (alpha + beta))
