"""Read from an iCalendar file when its owner is busy (RFC 5545), and nothing else of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import takewhile
from typing import Any, Final
from zoneinfo import ZoneInfo

import icalendar
from dateutil.rrule import rrulestr

from followup.domain.meeting_slots import Span
from kakehashi_common.domain.business_time import JAPAN
from kakehashi_common.domain.errors import DomainError

MOST_BYTES: Final = 4 * 2**20
MOST_EVENTS: Final = 20_000
MOST_TIMES: Final = 50_000
"""Of recurring events, looked at in one calendar: a second of a processor."""

_ONE_DAY: Final = timedelta(days=1)
_TOO_OFTEN: Final = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})


def busy_times(document: bytes, since: datetime, until: datetime) -> list[Span]:
    """Return when the owner of a calendar is busy, in order.

    Not during what was cancelled, or is shown as free (``TRANSP:TRANSPARENT``, Outlook's
    ``BUSYSTATUS:FREE``). A whole day is one in Japan, and a time without a zone is Japan's, or of
    the zone that the calendar names (``X-WR-TIMEZONE``).

    Args:
        document: the file.
        since: spans that end later.
        until: spans that begin earlier.

    Raises:
        DomainError: it is no calendar that can be read (``not_a_calendar``), or more than is looked
            at (``too_large``).
    """
    try:
        return sorted(_spans(document, since, until))
    except DomainError:
        raise
    except Exception as error:  # icalendar and dateutil raise whatever they stumble over
        raise DomainError(
            f"this is no iCalendar file that can be read: {error or type(error).__name__}",
            field="calendar",
            code="not_a_calendar",
        ) from error


def _spans(document: bytes, since: datetime, until: datetime) -> Iterator[Span]:
    calendars: list[Any] = icalendar.Calendar.from_ical(document, multiple=True)
    if not calendars or any(each.name != "VCALENDAR" for each in calendars):
        raise ValueError("it has no VCALENDAR")
    events = [each for calendar in calendars for each in calendar.walk("VEVENT")]
    if len(events) > MOST_EVENTS:
        raise _too_large()
    zone = next((found for each in calendars if (found := _zone_of(each))), JAPAN)
    return _Reading(zone, since, until).spans(events)


def _too_large() -> DomainError:
    return DomainError(
        f"the calendar holds more than {MOST_EVENTS:,} events, or recurs more than "
        f"{MOST_TIMES:,} times: publish a shorter time",
        field="calendar",
        code="too_large",
    )


def _zone_of(calendar: Any) -> tzinfo | None:
    name = calendar.get("X-WR-TIMEZONE")
    try:
        return None if name is None else ZoneInfo(str(name))
    except (KeyError, ValueError, OSError):
        return None


@dataclass(frozen=True, slots=True)
class _Local:
    """A local time as a calendar gives it. Events recur by local time."""

    at: datetime
    """Without a zone."""
    zone: tzinfo
    whole_day: bool


@dataclass(eq=False)
class _Reading:
    """One reading of a calendar."""

    zone: tzinfo
    since: datetime
    until: datetime
    left: int = MOST_TIMES

    def spans(self, components: list[Any]) -> Iterator[Span]:
        moved: dict[str, set[datetime]] = {}
        for event in components:
            if "RECURRENCE-ID" in event:
                local = self._local(event["RECURRENCE-ID"].dt)
                moved.setdefault(str(event.get("UID")), set()).add(self._instant(local))
        for event in components:
            if not _is_busy(event):
                continue
            overridden = (
                set() if "RECURRENCE-ID" in event else moved.get(str(event.get("UID")), set())
            )
            for span in self._of(event, overridden):
                if span.starts < self.until and span.ends > self.since:
                    yield span

    def _of(self, event: Any, overridden: set[datetime]) -> Iterator[Span]:
        starts = self._local(event["DTSTART"].dt)
        length = self._length(event, starts)
        if length <= timedelta(0):
            return
        for at in self._times(event, starts, length):
            instant = self._instant(_Local(at, starts.zone, starts.whole_day))
            if instant in overridden:
                continue
            ends = self._instant(_Local(at + length, starts.zone, starts.whole_day))
            yield Span(instant, ends)

    def _length(self, event: Any, starts: _Local) -> timedelta:
        if "DTEND" in event:
            ends = self._local(event["DTEND"].dt)
            if ends.whole_day or ends.zone == starts.zone:
                return ends.at - starts.at
            return self._instant(ends) - self._instant(starts)
        if "DURATION" in event:
            length: timedelta = event["DURATION"].dt
            return length
        return _ONE_DAY if starts.whole_day else timedelta(0)

    def _times(self, event: Any, starts: _Local, length: timedelta) -> Iterator[datetime]:
        """Yield the local times at which an event begins, until the end."""
        if "RECURRENCE-ID" in event or not ("RRULE" in event or "RDATE" in event):
            yield starts.at
            return
        left_out = {self._in(each, starts) for each in _days_of(event, "EXDATE")}
        times = {starts.at} if "RRULE" not in event else set()
        times |= {self._in(each, starts) for each in _days_of(event, "RDATE")}
        for rule in _several(event.get("RRULE")):
            times |= set(self._recurring(rule, starts, length))
        yield from sorted(times - left_out)

    def _recurring(
        self, rule: Mapping[str, list[Any]], starts: _Local, length: timedelta
    ) -> Iterator[datetime]:
        parts = {name: list(values) for name, values in rule.items() if name != "UNTIL"}
        if parts.get("FREQ", [""])[0] in _TOO_OFTEN or {"BYSECOND", "BYMINUTE"} & parts.keys():
            raise DomainError(
                "an event recurs within a day, which no meeting does: leave it out",
                field="calendar",
                code="not_a_calendar",
            )
        # UNTIL is compared in local time: programs write it in UTC, in local time or as a date.
        said = [self._last(each, starts) for each in rule.get("UNTIL", [])]
        last = min([self._local_time(self.until, starts), *said])
        written: bytes = icalendar.vRecur(parts).to_ical()  # type: ignore[no-untyped-call]
        recurring = rrulestr(written.decode(), dtstart=starts.at, cache=False)
        first = self._local_time(self.since, starts) - length - _ONE_DAY
        for at in takewhile(lambda at: at <= last, recurring):
            self.left -= 1
            if self.left < 0:
                raise _too_large()
            if at >= first:
                yield at

    def _last(self, said: date | datetime, starts: _Local) -> datetime:
        if isinstance(said, datetime):
            return self._in(said, starts)
        return datetime.combine(said, time.max)

    def _local(self, said: date | datetime) -> _Local:
        if not isinstance(said, datetime):
            return _Local(datetime.combine(said, time()), JAPAN, whole_day=True)
        zone = said.tzinfo or self.zone
        return _Local(said.replace(tzinfo=None), zone, whole_day=False)

    def _in(self, said: date | datetime, starts: _Local) -> datetime:
        """Return a time by the clock of an event's zone."""
        local = self._local(said)
        return local.at if local.whole_day else self._local_time(self._instant(local), starts)

    def _local_time(self, instant: datetime, starts: _Local) -> datetime:
        return instant.astimezone(starts.zone).replace(tzinfo=None)

    def _instant(self, local: _Local) -> datetime:
        return local.at.replace(tzinfo=local.zone).astimezone(JAPAN)


def _is_busy(event: Any) -> bool:
    return (
        "DTSTART" in event
        and str(event.get("STATUS", "")).upper() != "CANCELLED"
        and str(event.get("TRANSP", "")).upper() != "TRANSPARENT"
        and str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() != "FREE"
    )


def _several(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _days_of(event: Any, name: str) -> Iterator[date | datetime]:
    for listed in _several(event.get(name)):
        for each in listed.dts:
            # A period (RDATE;VALUE=PERIOD) begins with its first part.
            yield each.dt[0] if isinstance(each.dt, tuple) else each.dt
