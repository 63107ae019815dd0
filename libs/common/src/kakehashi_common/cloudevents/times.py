"""When an event happened, as CloudEvents carry it: RFC 3339."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from kakehashi_common.cloudevents.attributes import shown
from kakehashi_common.cloudevents.errors import InvalidTimeError
from kakehashi_common.contracts.instants import NoTimeZoneError, parse_instant

OLDEST = timedelta(days=20 * 365.25)
"""An event older than this says its time wrongly: no source that we import goes back further."""

NEWEST = timedelta(days=1)
"""The most by which a publisher's clock may be ahead."""


def parse_time(where: str, text: str, received_at: datetime) -> datetime:
    """Return the instant in UTC.

    Raises:
        InvalidTimeError: no RFC 3339 timestamp, no time zone, or more than :data:`OLDEST` before
            or :data:`NEWEST` after ``received_at``.
    """
    try:
        instant = parse_instant(text)
    except NoTimeZoneError:
        raise InvalidTimeError(
            f"{where} has no time zone: {shown(text)}; add Z or an offset such as +09:00",
            field="/time",
        ) from None
    except (ValueError, OverflowError):
        raise InvalidTimeError(
            f"{where} is no timestamp: {shown(text)}; write it like 2026-04-01T09:30:00+09:00",
            field="/time",
        ) from None
    if not received_at - OLDEST <= instant <= received_at + NEWEST:
        years = (instant - received_at) / timedelta(days=365.25)
        side = "after" if years > 0 else "before"
        raise InvalidTimeError(
            f"{where} is {abs(years):.1f} years {side} its arrival: {shown(text)}; "
            "an event is at most 20 years old and at most one day ahead",
            field="/time",
        )
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


@lru_cache(maxsize=64)  # what is announced together has one time
def utc_time(at: datetime) -> bytes:
    """Return an aware instant as events carry it: RFC 3339, in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()
