"""iCalendar (RFC 5545, RFC 7986): events of whole days, as calendar programs subscribe to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import icalendar

from budget_calendar.domain.budget_year.wording import NO_LEGAL_ADVICE, Language, in_language
from kakehashi_common.calendar_feeds import new_feed
from kakehashi_common.contracts.texts import visible
from kakehashi_common.domain.texts import Text

REFRESH: Final = timedelta(hours=12)
"""The refresh interval suggested to subscribers: dates move by days, not by minutes."""

ALARM_HOUR: Final = timedelta(hours=9)
"""Alarms ring when people are at work; a day's own midnight helps nobody."""

_PRODUCT: Final = "-//kakehashi//budget-calendar//EN"
_ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """One event over whole days in Japan."""

    uid: str
    """Stays over all versions, before the ``@``."""
    title: str
    days: tuple[date, date]
    """The first and the last, included."""
    lines: Sequence[str]
    """Of its description."""
    sure: bool
    """CONFIRMED, else TENTATIVE."""
    categories: Sequence[Text | str]
    stamp: datetime
    """When this version was made; aware."""
    sequence: int | None = None
    """Rises with each version; where it isn't known, programs go by the stamp."""
    alarm: bool = True
    """Whether it gets an alarm in a feed that has alarms."""


def write_feed(
    events: Iterable[FeedEvent],
    name: Text | str,
    language: Language,
    *,
    alarm_days: int | None = None,
    note: Text | None = None,
) -> bytes:
    """Return the feed as UTF-8, the same for the same arguments, so that its ETag holds.

    No event blocks time.

    Args:
        events: in any order.
        name: what the calendar program calls the feed.
        language: of all texts.
        alarm_days: so many days before an event an alarm rings, at 9 o'clock; `None`: never.
            Programs decide whether a subscribed calendar may ring at all.
        note: said of the whole feed, before the notice that its dates are estimates.
    """
    texts = [note, NO_LEGAL_ADVICE] if note else [NO_LEGAL_ADVICE]
    about = " ".join(in_language(text, language) for text in texts)
    feed = new_feed(_PRODUCT, in_language(name, language), about, REFRESH)
    for event in events:
        feed.add_component(_written(event, language, alarm_days))
    written: bytes = feed.to_ical()
    return written


def _written(source: FeedEvent, language: Language, alarm_days: int | None) -> icalendar.Event:
    first, last = source.days
    event = icalendar.Event()
    event.add("uid", f"{source.uid}@budget-calendar.kakehashi")
    event.add("dtstamp", source.stamp)
    event.add("last-modified", source.stamp)
    if source.sequence is not None:
        event.add("sequence", source.sequence)
    event.add("dtstart", first)
    event.add("dtend", last + _ONE_DAY)
    event.add("summary", visible(source.title))
    event.add("transp", "TRANSPARENT")
    notice = in_language(NO_LEGAL_ADVICE, language)
    # What was stored before texts were checked may hold what a calendar program chokes on.
    event.add("description", visible("\n".join((*source.lines, "", notice))))
    event.add("status", "CONFIRMED" if source.sure else "TENTATIVE")
    labels = [visible(in_language(label, language)) for label in source.categories]
    event.add("categories", labels)
    if alarm_days is not None and source.alarm:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", visible(source.title))
        alarm.add("trigger", ALARM_HOUR - timedelta(days=alarm_days))
        event.add_component(alarm)
    return event
