"""Days and instants as text: RFC 3339, and never a number.

Where a number would do, ``2026`` is a second of 1970; so it is a text everywhere, in JSON and in
the query of a URL.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::([0-9]{2})(?:[.,][0-9]+)?)?"
    r"([Zz]|[+-][0-9]{2}:?[0-5][0-9])?"
)
_USUAL: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d(?:\.\d+)?(?:Z|[+-]\d\d:[0-5]\d)", re.ASCII
).fullmatch
"""Matches what nearly every program writes, without a group: half the cost of the other."""
_LEAP: Final = "60"


class NoTimeZoneError(ValueError):
    """A time that may be anywhere."""


def parse_instant(text: str) -> datetime:
    """Return the instant that ``text`` writes, with its offset.

    RFC 3339 in full: ``T`` and ``Z`` in lower case too, any offset, any number of decimals (those
    beyond a microsecond are cut), and a leap second, which counts as the second that follows it, as
    in PostgreSQL. Seconds and the colon of the offset may be left out.

    Raises:
        NoTimeZoneError: it has no offset.
        ValueError: it is something else, or no such time exists.
    """
    if _USUAL(text):
        return datetime.fromisoformat(text)
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    second, offset = found.groups()
    if offset is None:
        raise NoTimeZoneError(text)
    if second != _LEAP:
        return datetime.fromisoformat(text.upper())
    start, end = found.span(1)
    before = datetime.fromisoformat(f"{text[:start]}59{text[end:]}".upper()).replace(microsecond=0)
    following = before + timedelta(seconds=1)
    utc = following.astimezone(UTC)
    # Leap seconds end a month, in UTC: 23:59:60.
    if (utc.day, utc.hour, utc.minute, utc.second) != (1, 0, 0, 0):
        raise ValueError(text)
    return following


def _instant(value: object) -> object:
    if isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str):
            return parse_instant(value)
    except NoTimeZoneError:
        raise ValueError("has no time zone: add Z or an offset such as +09:00") from None
    except (ValueError, OverflowError):
        pass
    raise ValueError("should be a time as text, such as 2026-04-01T09:30:00+09:00")


def parse_day(text: str) -> date | None:
    """Return the day that ``text`` writes as ``YYYY-MM-DD``; ``None`` where it writes none.

    Raises:
        ValueError: there is no such day.
    """
    return date.fromisoformat(text) if _DAY.fullmatch(text) else None


def _day(value: object) -> object:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if isinstance(value, str) and (day := parse_day(value)) is not None:
            return day
    except ValueError:
        pass
    raise ValueError("should be a day that exists, as text, such as 2026-04-01")


Instant = Annotated[datetime, BeforeValidator(_instant)]
"""An instant with its offset, as RFC 3339 writes it."""

Day = Annotated[date, BeforeValidator(_day)]
"""A day as ``YYYY-MM-DD``."""
