"""A mail that is put off again and again is given up: only days on which it was tried count."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from followup.domain.delivery.giving_up import gives_up
from tests.support.sequences import at


def hourly(*days: str) -> list[datetime]:
    """Return each office hour of some days of 2027."""
    return [at(f"2027-{day} {hour:02}:00") for day in days for hour in range(9, 17)]


def days(first: str, number: int) -> Iterator[str]:
    day = at(f"2027-{first} 10:00")
    return (f"{day + timedelta(days=each):%m-%d}" for each in range(number))


@pytest.mark.parametrize(
    ("tried_at", "given_up"),
    [
        ([], False),
        (hourly(*days("01-04", 1)), False),
        (hourly(*days("01-04", 5), *days("01-11", 4)), False),
        (hourly(*days("01-04", 5), *days("01-11", 5)), True),
        (hourly(*days("03-08", 2), *days("04-01", 2)), False),
        (hourly(*days("03-01", 5), *days("03-08", 2), *days("04-01", 2), "04-05"), True),
        (hourly("11-25", "12-20"), False),
        (hourly("12-27", "12-28"), False),
        ([at(f"2027-01-{day:02} 09:00") for day in range(4, 30, 7)], False),
        ([at("2027-01-04 08:59"), at("2027-01-04 09:01")] * 9, False),
    ],
    ids=[
        "never tried",
        "all of one day",
        "nine working days",
        "ten working days",
        "the transfers from 10 to 31 March between",
        "the transfers between, and ten days in all",
        "a session of the assembly of three weeks between",
        "the year's end behind",
        "a cap that lets it be tried once a week, for a month",
        "one day in Japan, two in UTC",
    ],
)
def test_a_mail_is_given_up_after_ten_days_on_which_it_was_tried(
    tried_at: list[datetime], *, given_up: bool
) -> None:
    assert gives_up(tried_at) is given_up
