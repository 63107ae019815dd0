"""The statistics of a replay's report, against values worked out elsewhere."""

import pytest

from lead_scoring.replay.lift import GradeResult, Misorder, auc, by_grade, misorders, share


@pytest.mark.parametrize(
    ("won", "others", "expected"),
    [
        ([3, 4], [1, 2], 1.0),
        ([1, 2], [3, 4], 0.0),
        ([1, 1], [1, 1], 0.5),
        # scikit-learn's documentation: roc_auc_score([0, 0, 1, 1], [.1, .4, .35, .8])
        ([0.35, 0.8], [0.1, 0.4], 0.75),
        ([5, 5, 3], [5, 2, 1, 4], (3.5 + 3.5 + 2) / 12),
    ],
)
def test_auc_is_the_chance_that_a_won_lead_scores_higher(
    won: list[float], others: list[float], expected: float
) -> None:
    assert auc(won, others).value == pytest.approx(expected)


def test_the_interval_is_delongs() -> None:
    # Worked by hand. Won 1.2 .8 3 2.5 and others .9 1.1 .1 2.6: each won lead beats 3/4, 1/4, 1,
    # 3/4 of the others; each other one is beaten by 3/4, 3/4, 1, 1/4 of the won ones. Both have
    # mean 11/16 and variance 19/192, so the standard error is sqrt(2 · 19/192 / 4) = 0.222439.
    found = auc([1.2, 0.8, 3, 2.5], [0.9, 1.1, 0.1, 2.6])
    assert found.value == pytest.approx(11 / 16)
    assert found.low == pytest.approx(11 / 16 - 1.959964 * 0.222439, abs=1e-5)
    assert found.high == 1.0


def test_an_auc_needs_both_kinds_of_leads() -> None:
    with pytest.raises(ValueError, match="at least two leads that were won"):
        auc([1], [1, 2, 3])


@pytest.mark.parametrize(
    ("successes", "total", "low", "high"),
    [
        # Wilson (1927), as tabulated for 95 %.
        (0, 10, 0.0, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_a_share_has_wilsons_interval(successes: int, total: int, low: float, high: float) -> None:
    found = share(successes, total)
    assert [found.low, found.high] == pytest.approx([low, high], abs=1e-4)


def test_leads_are_grouped_by_grade() -> None:
    leads = [("B1", True), ("A1", True), ("A1", False), ("B1", False), ("A1", True)]
    assert by_grade(leads) == {"A1": GradeResult(3, 2), "B1": GradeResult(2, 1)}


def test_only_comparable_grades_can_be_out_of_order() -> None:
    grades = {
        "A1": GradeResult(128, 64),
        "A2": GradeResult(128, 24),
        "B1": GradeResult(128, 72),  # above A1, but within chance; A2 is no neighbour of it
        "C3": GradeResult(128, 48),  # far above A2, and below A1 and B1
    }
    assert misorders(grades) == [
        Misorder("A1", "B1", 0.0625, beyond_chance=False),
        Misorder("A2", "C3", 0.1875, beyond_chance=True),
    ]
