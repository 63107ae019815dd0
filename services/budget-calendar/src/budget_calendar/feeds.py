"""Calendars as an iCalendar feed (RFC 5545, RFC 7986) that calendar programs subscribe to.

A program shows what is on a day, so each milestone is an all-day event on its likely day; the days
it may move to stand in its title and description. Phases are events over their likely days.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import icalendar

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, Milestone, PhaseSpan
from budget_calendar.domain.budget_year.labels import BASES, PHASES, label_of
from budget_calendar.domain.fiscal_years import japanese_name
from budget_calendar.domain.texts import Text
from budget_calendar.domain.windows import Basis, Estimate
from budget_calendar.wording import (
    NO_LEGAL_ADVICE,
    Language,
    estimate_lines,
    in_language,
    short_span,
    window_lines,
)
from kakehashi_common.contracts.texts import visible

REFRESH: Final = timedelta(hours=12)
"""How often subscribers should look again: dates move by days, not by minutes."""

_PRODUCT: Final = "-//kakehashi//budget-calendar//EN"
_ZONE: Final = "Asia/Tokyo"
_ONE_DAY: Final = timedelta(days=1)
_SURE: Final = frozenset({Basis.MANUAL, Basis.OBSERVED, Basis.LAW})
_MILESTONE: Final = Text("節目", "Milestone")
_PHASE: Final = Text("段階", "Phase")


@dataclass(frozen=True, slots=True)
class FeedCalendar:
    """One version of a municipality's calendar, as a feed needs it."""

    calendar: BudgetCalendar
    name: Text | str
    """The municipality's."""
    version: int
    """Rises with each revision: subscribers take the event with the higher number."""
    computed_at: datetime
    """When this version was computed; aware."""


def icalendar_feed(
    calendars: Iterable[FeedCalendar],
    name: Text | str,
    language: Language = "ja",
    *,
    phases: bool = True,
) -> bytes:
    """The feed as UTF-8, the same for the same arguments, so that its ETag holds.

    Each event keeps its UID over all versions; its SEQUENCE and LAST-MODIFIED are the version's.
    No event blocks time and none has an alarm.

    Args:
        calendars: one per municipality and fiscal year.
        name: what the calendar program calls the feed.
        language: of all texts.
        phases: whether phases are in it beside milestones.
    """
    feed = icalendar.Calendar()
    feed.add("prodid", _PRODUCT)
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    # There is no METHOD: it would make DTSTAMP the moment of the download (RFC 5545, 3.8.7.2).
    notice = in_language(NO_LEGAL_ADVICE, language)
    for key in ("name", "x-wr-calname"):
        feed.add(key, in_language(name, language))
    for key in ("description", "x-wr-caldesc"):
        feed.add(key, notice)
    feed.add("x-wr-timezone", _ZONE)
    feed.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    feed.add("x-published-ttl", icalendar.vDuration(REFRESH))
    for each in calendars:
        for event in _events(each, language, phases=phases):
            feed.add_component(event)
    written: bytes = feed.to_ical()
    return written


def _events(source: FeedCalendar, language: Language, *, phases: bool) -> Iterator[icalendar.Event]:
    calendar = source.calendar
    for milestone in calendar.milestones:
        yield _milestone(source, milestone, language)
    if phases:
        for span in calendar.phases:
            yield _phase(source, span, language)


def _milestone(source: FeedCalendar, milestone: Milestone, language: Language) -> icalendar.Event:
    estimate = milestone.estimate
    window = estimate.window
    title = in_language(label_of(milestone), language)
    if window.days > 1:
        span = short_span(window.earliest, window.latest, language)
        title += f"（見込み {span}）" if language == "ja" else f" (expected {span})"
    lines = estimate_lines(estimate, language)
    if milestone.note:
        lines = (*lines, in_language(milestone.note, language))
    event = _event(source, milestone.key, title, (window.likely, window.likely), language)
    _describe(event, source, lines, language)
    event.add("status", "CONFIRMED" if _is_sure(estimate) else "TENTATIVE")
    _categorise(event, source, _MILESTONE, estimate, language)
    return event


def _phase(source: FeedCalendar, span: PhaseSpan, language: Language) -> icalendar.Event:
    begins, ends = span.begins, span.ends
    name = in_language(PHASES[span.phase], language)
    title = f"【段階】{name}" if language == "ja" else f"Phase: {name}"
    event = _event(
        source, f"phase.{span.phase}", title, (begins.window.likely, ends.likely), language
    )
    starts, stops = ("開始", "終了") if language == "ja" else ("Begins", "Ends")
    lines = (
        *(f"{starts} – {line}" for line in window_lines(begins.window, language)),
        *(f"{stops} – {line}" for line in window_lines(ends, language)),
        *estimate_lines(begins, language)[len(window_lines(begins.window, language)) :],
    )
    _describe(event, source, lines, language)
    sure = _is_sure(begins) and ends.days == 1
    event.add("status", "CONFIRMED" if sure else "TENTATIVE")
    _categorise(event, source, _PHASE, begins, language)
    return event


def _event(
    source: FeedCalendar, key: str, title: str, days: tuple[date, date], language: Language
) -> icalendar.Event:
    """An event over whole days, the last one included."""
    calendar = source.calendar
    first, last = days
    event = icalendar.Event()
    event.add("uid", f"{calendar.code}.{calendar.fiscal_year}.{key}@budget-calendar.kakehashi")
    event.add("dtstamp", source.computed_at)
    event.add("last-modified", source.computed_at)
    event.add("sequence", source.version)
    event.add("dtstart", first)
    event.add("dtend", last + _ONE_DAY)
    name = in_language(source.name, language)
    event.add("summary", f"{name} {title}" if language == "ja" else f"{name}: {title}")
    event.add("transp", "TRANSPARENT")
    return event


def _describe(
    event: icalendar.Event, source: FeedCalendar, lines: Sequence[str], language: Language
) -> None:
    year = source.calendar.fiscal_year
    about = japanese_name(year) if language == "ja" else f"Fiscal year {year}"
    notice = in_language(NO_LEGAL_ADVICE, language)
    # What was stored before texts were checked may hold what a calendar program chokes on.
    event.add("description", visible("\n".join((about, *lines, "", notice))))


def _categorise(
    event: icalendar.Event, source: FeedCalendar, kind: Text, estimate: Estimate, language: Language
) -> None:
    labels = (kind, source.name, BASES[estimate.basis])
    event.add("categories", [in_language(label, language) for label in labels])


def _is_sure(estimate: Estimate) -> bool:
    return estimate.basis in _SURE and estimate.window.days == 1
