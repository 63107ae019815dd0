"""The judgement that a rule is worse than all, and the proposed points."""

import pytest

from kakehashi_common.domain.proportions import Proportion
from lead_scoring.domain.rule_feedback import Judged, is_below, lift, lowered

HALF = Proportion(100, 200)


def test_rates_are_of_those_that_have_an_answer_or_an_outcome() -> None:
    judged = Judged(
        qualified=100,
        handed_off=90,
        accepted=30,
        rejected={"no_need": 15, "too_early": 5},
        returned=12,
        won=6,
        lost=10,
        no_decision=4,
    )

    assert judged.acceptance == Proportion(30, 50)
    assert judged.wins == Proportion(6, 20)


@pytest.mark.parametrize(
    ("rate", "below", "factor", "points"),
    [
        (Proportion(50, 100), False, 1.0, 100),
        (Proportion(41, 100), False, 0.82, 82),
        (Proportion(40, 100), True, 0.8, 80),
        (Proportion(10, 100), True, 0.2, 20),
        (Proportion(0, 100), True, 0.0, 1),
        (Proportion(0, 9), False, None, 100),
        (Proportion(90, 100), False, 1.8, 100),
    ],
    ids=[
        "as good as all",
        "the interval reaches the rate of all by a hair",
        "it doesn't by a hair",
        "a fifth of the points for a fifth of the acceptance",
        "never accepted: a tenth of a point remains",
        "too few to say",
        "better: points are never raised",
    ],
)
def test_a_rule_is_named_when_its_whole_interval_lies_below(
    rate: Proportion, *, below: bool, factor: float | None, points: int
) -> None:
    assert is_below(rate, HALF) is below
    assert lift(rate, HALF) == (None if factor is None else pytest.approx(factor))
    assert lowered(100, rate, HALF) == points


@pytest.mark.parametrize("of_all", [Proportion(3, 9), Proportion(0, 100)])
def test_nothing_is_said_while_nothing_is_known_of_all(of_all: Proportion) -> None:
    rate = Proportion(0, 50)

    assert lift(rate, of_all) is None
    assert not is_below(rate, of_all)
