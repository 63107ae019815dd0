"""Falling use: the last four weeks against the twelve before, with enough of both."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from followup.domain.usage import (
    FallingUse,
    Series,
    Usage,
    check_usage,
    judge,
    reason_to_intervene,
)
from kakehashi_common.domain.errors import DomainError

RULE = FallingUse()
SUNDAY = date(2026, 11, 29)
WEEK = timedelta(days=7)
SERIES = Series("102032", "d-1", "logins")


def weeks(*values: int | None) -> list[Usage]:
    """Weeks that end one after the other, the last one on ``SUNDAY``; ``None``: not reported."""
    begins = SUNDAY - len(values) * WEEK + timedelta(days=1)
    return [
        Usage(begins + n * WEEK, begins + n * WEEK + timedelta(days=6), value)
        for n, value in enumerate(values)
        if value is not None
    ]


def months(*values: int) -> list[Usage]:
    """The months until November 2026."""
    firsts = [date(2026, month, 1) for month in range(13 - len(values), 13)]
    return [
        Usage(date(first.year, first.month - 1, 1), first - timedelta(days=1), value)
        for first, value in zip(firsts, values, strict=True)
    ]


@pytest.mark.parametrize(
    ("periods", "falls", "why"),
    [
        (
            weeks(*[100] * 12, *[50] * 4),
            True,
            "平均は50.0、その前の12週間の平均は100.0で、比率は50%",
        ),
        (weeks(*[100] * 12, *[60] * 4), False, "比率は60%です（減少とみなすのは60%未満）"),
        (weeks(*[100] * 12, *[59] * 4), True, "比率は59%"),
        (weeks(*[100] * 12, 100, 100, 100, 0), False, "比率は75%"),
        (weeks(*[0] * 16), False, "比率は–"),
        (weeks(*[50] * 12, *[100] * 4), False, "比率は200%"),
        (weeks(*[100] * 12, None, 50, 50, 50), True, "比率は50%"),
        (weeks(*[100] * 12, None, None, 50, 50), False, "75%に満たないため、判定できません"),
        (weeks(*[100] * 8, *[50] * 4), False, "判定できません"),
        (weeks(*[100] * 9, *[50] * 4), True, "比率は50%"),
        (weeks(50), False, "判定できません"),
        (months(100, 100, 100, 50), True, "比率は50%"),
        (months(100, 50), False, "判定できません"),
        # Months among weeks are another length, and do not count.
        (
            sorted([*weeks(*[100] * 16), *months(1, 1, 1)], key=lambda each: each.ends)[:-1],
            False,
            "比率は100%",
        ),
    ],
)
def test_use_falls_or_why_not(periods: Sequence[Usage], *, falls: bool, why: str) -> None:
    judged = judge(periods, RULE)
    assert judged.falls is falls
    assert why in judged.why.ja


@pytest.mark.parametrize(
    ("said_of", "again"),
    [(None, True), (SUNDAY, False), (SUNDAY - 11 * WEEK, False), (SUNDAY - 12 * WEEK, True)],
)
def test_a_fall_is_said_once_in_the_weeks_that_are_compared_with(
    said_of: date | None, *, again: bool
) -> None:
    periods = weeks(*[100] * 12, *[50] * 4)
    assert (reason_to_intervene(SERIES, periods, RULE, said_of) is not None) is again


def test_the_reason_names_the_figures() -> None:
    reason = reason_to_intervene(SERIES, weeks(*[100] * 12, *[40] * 4), RULE, None)
    assert reason is not None
    assert (reason.kind, reason.municipality_code, reason.importance) == (
        "usage_falling",
        "102032",
        3,
    )
    assert (
        "利用（logins）が減っています。2026年11月29日（日）までの4週間の平均は40.0"
        in reason.label.ja
    )
    assert reason_to_intervene(SERIES, weeks(*[100] * 16), RULE, None) is None


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        (date(2026, 11, 30), date(2026, 11, 29), "ends_too_early"),
        (date(2026, 8, 1), date(2026, 11, 29), "period_too_long"),
        (date(2026, 11, 23), date(2026, 12, 2), "not_over_yet"),
        (date(1, 1, 1), date(1, 1, 7), "out_of_range"),
        (date(9999, 12, 1), date(9999, 12, 31), "out_of_range"),
    ],
)
def test_a_period_that_cannot_be_is_refused(begins: date, ends: date, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        check_usage(Usage(begins, ends, 1), date(2026, 11, 30))
    assert refused.value.code == code
