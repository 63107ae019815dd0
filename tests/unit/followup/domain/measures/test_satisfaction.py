"""The mean of surveys, with the interval that few answers allow."""

from collections.abc import Mapping

import pytest

from followup.domain.measures.satisfaction import Satisfaction, together
from followup.domain.satisfaction import SurveyAnswer, reason_to_ask
from kakehashi_common.domain.satisfaction import SurveySubject
from tests.support.sequences import at

DAY = at("2026-12-01 10:00").date()


@pytest.mark.parametrize(
    ("counts", "mean", "low", "high"),
    [
        ({}, None, None, None),
        ({5: 9}, None, None, None),
        ({5: 10}, 5.0, 3.89, 5.0),
        ({1: 10}, 1.0, 1.0, 2.11),
        ({1: 5, 5: 5}, 3.0, 1.95, 4.05),
        ({3: 10}, 3.0, 1.95, 4.05),
        ({4: 60, 5: 40}, 4.4, 4.07, 4.63),
    ],
)
def test_the_mean_stands_with_an_interval_within_the_scale(
    counts: Mapping[int, int], mean: float | None, low: float | None, high: float | None
) -> None:
    found = Satisfaction(counts)
    assert found.mean == pytest.approx(mean)
    assert found.too_few is (mean is None)
    if mean is None:
        assert found.interval is None
        return
    assert found.interval is not None
    assert found.interval.low == pytest.approx(low, abs=0.01)
    assert found.interval.high == pytest.approx(high, abs=0.01)


def test_the_parts_of_a_key_count_together() -> None:
    parts = [("a", Satisfaction({5: 1})), ("b", Satisfaction({1: 1})), ("a", Satisfaction({5: 2}))]
    assert together(parts) == {"a": Satisfaction({5: 3}), "b": Satisfaction({1: 1})}


def test_a_reason_to_ask_names_the_score_and_repeats_no_comment() -> None:
    answer = SurveyAnswer(
        SurveySubject.MEETING, 2, municipality_code="102032", comment="遅い", owner="s-1"
    )
    reason = reason_to_ask(answer, DAY)
    assert reason is not None
    assert "2026年12月1日（火）の満足度アンケートで、面談への評価が2/5でした。" in reason.label.ja
    assert "遅い" not in reason.label.ja + reason.label.en
    assert reason.importance == 3
