"""Days and instants that somebody asks for, as text."""

from datetime import date, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from kakehashi_common.contracts.instants import Day, Instant
from kakehashi_common.http.fields import InstantOrDay

DAY = TypeAdapter[date](Day)
INSTANT = TypeAdapter[datetime](Instant)
AS_OF = TypeAdapter[datetime](InstantOrDay)

NEITHER = [2026, 0, 1.5, True, None, "", "2026", "1780000000", "20260401", "2026-02-30", "today"]


@pytest.mark.parametrize("value", [*NEITHER, "2026-04-01T00:00:00Z", " 2026-04-01", datetime.now()])  # noqa: DTZ005
def test_a_day_is_written_as_a_day(value: Any) -> None:
    assert DAY.validate_python("2026-04-01") == date(2026, 4, 1)
    with pytest.raises(ValidationError):
        DAY.validate_python(value)


@pytest.mark.parametrize("value", [*NEITHER, "2026-04-01", "2026-04-01T09:30:00"])
def test_an_instant_has_an_offset(value: Any) -> None:
    assert INSTANT.validate_json('"2026-04-01t09:30:00z"', strict=True).hour == 9
    with pytest.raises(ValidationError):
        INSTANT.validate_python(value)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-31", "2026-12-31T23:59:59.999999+09:00"),
        ("2026-12-31T09:30:00+09:00", "2026-12-31T09:30:00+09:00"),
        ("2026-12-31T23:59:60Z", "2027-01-01T00:00:00+00:00"),
    ],
)
def test_as_of_a_day_is_after_all_that_happened_on_it_in_japan(text: str, instant: str) -> None:
    assert AS_OF.validate_python(text) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    "value",
    [*NEITHER, "9999-12-31T23:59:59Z", "9999-12-31", "1970-01-01T00:00:00Z", "0001-01-01"],
)
def test_as_of_is_nothing_else(value: Any) -> None:
    with pytest.raises(ValidationError):
        AS_OF.validate_python(value)
