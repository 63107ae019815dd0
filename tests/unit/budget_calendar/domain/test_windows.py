from datetime import date, timedelta

import pytest

from budget_calendar.domain.windows import PRECEDENCE, Basis, Window
from kakehashi_common.domain.errors import DomainError

FIRST, SECOND, THIRD = date(2026, 9, 1), date(2026, 9, 15), date(2026, 9, 30)


@pytest.mark.parametrize(
    ("earliest", "likely", "latest", "field"),
    [
        (SECOND, FIRST, THIRD, "earliest"),
        (FIRST, THIRD, SECOND, "latest"),
        (THIRD, SECOND, FIRST, "earliest"),
    ],
)
def test_a_window_out_of_order_is_refused_and_names_the_field(
    earliest: date, likely: date, latest: date, field: str
) -> None:
    with pytest.raises(DomainError, match="earliest ≤ likely ≤ latest") as refused:
        Window(earliest, likely, latest)
    assert refused.value.field == field


def test_a_window_includes_both_ends() -> None:
    assert Window.on(FIRST).days == 1
    assert Window(FIRST, SECOND, THIRD).days == 30
    assert Window(FIRST, SECOND, THIRD).shifted(timedelta(days=1)).latest == date(2026, 10, 1)


def test_what_a_person_says_comes_before_all_and_practice_comes_last() -> None:
    assert PRECEDENCE == (
        Basis.MANUAL,
        Basis.OBSERVED,
        Basis.LAW,
        Basis.PREDICTED,
        Basis.PRACTICE,
    )
