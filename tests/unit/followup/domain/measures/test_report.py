import pytest

from followup.domain.measures.report import Guard, Row, guard
from kakehashi_common.domain.proportions import Proportion

NONE = Proportion(0, 0)


@pytest.mark.parametrize(
    ("opted_out", "complained", "says"),
    [
        (Proportion(0, 9), Proportion(0, 9), Guard.TOO_FEW),
        (Proportion(0, 10), Proportion(0, 10), Guard.WITHIN),
        (Proportion(1, 10), Proportion(0, 10), Guard.WITHIN),  # 10 %, but 1.8 % fits too
        (Proportion(3, 100), Proportion(0, 100), Guard.WITHIN),  # 3 %, which may be chance
        (Proportion(6, 100), Proportion(0, 100), Guard.EXCEEDED),
        (Proportion(0, 1000), Proportion(5, 1000), Guard.WITHIN),
        (Proportion(0, 1000), Proportion(9, 1000), Guard.EXCEEDED),
    ],
)
def test_opt_outs_and_complaints_stop_only_beyond_chance(
    opted_out: Proportion, complained: Proportion, says: Guard
) -> None:
    assert guard(opted_out, complained) is says


def test_what_has_neither_gone_nor_been_refused_is_open() -> None:
    row = Row("welcome", 10, 5, 1, {"suppressed": 2, "rejected": 1}, 0, *[NONE] * 6)
    assert row.open == 1
