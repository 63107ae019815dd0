"""Deputies of sellers who are away."""

from datetime import UTC, datetime

import pytest

from followup.domain.absences import SellerAbsence, stand_in
from kakehashi_common.domain.business_time import Absence

SPAN = Absence(datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 8, tzinfo=UTC))


@pytest.mark.parametrize(
    ("deputies", "who"),
    [
        ({"s-1": None}, None),
        ({"s-1": "s-2"}, "s-2"),
        ({"s-1": "s-2", "s-2": "s-3"}, "s-3"),
        ({"s-1": "s-2", "s-2": None}, None),
        ({"s-1": "s-2", "s-2": "s-1"}, None),
    ],
)
def test_the_deputy_does_it_or_whoever_does_the_work_of_a_deputy_who_is_away(
    deputies: dict[str, str | None], who: str | None
) -> None:
    away = {each: SellerAbsence(each, "a", SPAN, deputy) for each, deputy in deputies.items()}
    assert stand_in(away["s-1"], away) == who
