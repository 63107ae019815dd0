from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from followup.domain.playbooks.audience import Role
from followup.domain.playbooks.proof_of_concept import (
    Conclusion,
    Metric,
    Outcome,
    ProofOfConcept,
    check_proof_of_concept,
    conclusion,
    results,
)
from kakehashi_common.domain.errors import DomainError

HOURS = Metric("作業時間", "時間", Decimal(200), Decimal(100))
USERS = Metric("利用者", "人", Decimal(50), Decimal(80))
AGREED = ProofOfConcept(
    date(2026, 5, 11), 12, (HOURS, USERS), frozenset({Role.OFFICER, Role.MANAGER, Role.FINANCE})
)


def test_started_in_may_it_ends_before_the_september_supplementary_budget_is_requested() -> None:
    assert check_proof_of_concept(AGREED) is AGREED
    assert AGREED.ends == date(2026, 8, 2)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"weeks": 7}, "weeks"),
        ({"weeks": 14}, "weeks"),
        ({"metrics": ()}, "metrics_missing"),
        ({"metrics": (HOURS, HOURS)}, "metric_twice"),
        ({"metrics": (replace(HOURS, target=Decimal(200)),)}, "target_is_baseline"),
        ({"participants": frozenset({Role.OFFICER, Role.MANAGER})}, "participants_missing"),
    ],
)
def test_what_can_t_be_judged_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(DomainError) as caught:
        check_proof_of_concept(replace(AGREED, **change))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("weekly", "outcomes"),
    [
        ({}, [Outcome.NOT_MEASURED, Outcome.NOT_MEASURED]),
        ({12: {"作業時間": 100, "利用者": 80}}, [Outcome.REACHED, Outcome.REACHED]),
        ({12: {"作業時間": 101, "利用者": 79}}, [Outcome.MISSED, Outcome.MISSED]),
        # the last value counts, not the best
        ({1: {"作業時間": 90}, 11: {"作業時間": 120}}, [Outcome.MISSED, Outcome.NOT_MEASURED]),
        # what comes after the stated end doesn't count
        ({12: {"利用者": 70}, 13: {"利用者": 90}}, [Outcome.NOT_MEASURED, Outcome.MISSED]),
    ],
)
def test_results(weekly: dict[int, dict[str, int]], outcomes: list[Outcome]) -> None:
    values = {
        week: {name: Decimal(value) for name, value in measured.items()}
        for week, measured in weekly.items()
    }
    assert [each.outcome for each in results(AGREED, values)] == outcomes


@pytest.mark.parametrize(
    ("metric", "value", "share"),
    [(HOURS, 200, "0"), (HOURS, 150, "0.5"), (HOURS, 220, "-0.2"), (USERS, 80, "1")],
)
def test_share_of_the_way(metric: Metric, value: int, share: str) -> None:
    assert metric.share_of_the_way(Decimal(value)) == Decimal(share)


@pytest.mark.parametrize(
    ("values", "weeks_checked", "today", "expected"),
    [
        ({}, 0, AGREED.begins, Conclusion.RUNNING),
        ({"作業時間": 90, "利用者": 90}, AGREED.weeks - 1, AGREED.ends, Conclusion.RUNNING),
        ({"作業時間": 90, "利用者": 90}, AGREED.weeks, AGREED.begins, Conclusion.REACHED),
        ({"作業時間": 90}, AGREED.weeks, AGREED.begins, Conclusion.PARTLY),
        ({"作業時間": 101}, 3, AGREED.ends + timedelta(days=1), Conclusion.MISSED),
    ],
)
def test_the_whole_is_judged_at_its_end(
    values: dict[str, int], weeks_checked: int, today: date, expected: Conclusion
) -> None:
    week = {name: Decimal(value) for name, value in values.items()}
    found = results(AGREED, {1: week})
    assert conclusion(AGREED, found, weeks_checked, today) is expected
