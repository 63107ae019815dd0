"""Bars and dated events over some years in lanes: what a simulation or a pursuit went through."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from budget_calendar.domain.budget_year.wording import (
    Language,
    full_day,
    in_language,
    month_name,
    short_day,
    weekday_span,
)
from budget_calendar.domain.fiscal_years import (
    first_day,
    fiscal_year_of,
    japanese_name,
    last_day,
)
from budget_calendar.pictures.axis import DayAxis, draw_today
from budget_calendar.pictures.events import (
    BARS,
    KINDS,
    BarKind,
    EventKind,
    SequenceBar,
    SequenceEvent,
    bar,
    event_mark,
)
from budget_calendar.pictures.lanes import Extent, lanes
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from kakehashi_common.pictures.lettering import shortened, width, wrapped
from kakehashi_common.pictures.palette import GRID, INK, MUTED, RULE, STRIPE
from kakehashi_common.pictures.scene import Run, Scene

MOST_YEARS: Final = 20
MOST_EVENTS: Final = 2_000

_WIDTH: Final = 1_400.0
_MARGIN: Final = 28.0
_PLOT_LEFT: Final = 216.0
_PLOT_RIGHT: Final = _WIDTH - _MARGIN
_YEARS_IN_A_STRIP: Final = 2
"""More would need labels too small to read on a screen, so further years go below."""
_HEAD: Final = 48.0
"""Height of a strip's years and months."""
_BETWEEN_STRIPS: Final = 34.0
"""Leaves room for the flag of today's line."""
_ROW: Final = 23.0
_PADDING: Final = 8.0
_NAME_ROOM: Final = _PLOT_LEFT - _MARGIN - 20
_NAME_LINE: Final = 17.0
_GAP: Final = 12.0
_SIZE: Final = 11.5
"""Of labels."""
_BESIDE: Final = 10.0
_LONGEST_LINE: Final = 470.0
"""A longer label goes on in the next line; nothing of it is cut."""
_LINE: Final = 15.0
_HALF_BAR: Final = 9.0
_BAR_ROW: Final = 26.0
_MARK_ROW: Final = 20.0
_MOST_ROWS: Final = 48
"""The maximum of rows per lane; items without room keep their marks and tooltips."""
_FOLDED: Final = Text(
    "自治体の節目は段階の下に印だけで示しています。印に触れると内容が出ます。",
    "Milestones of municipalities are marks below the phases: point at one to read it.",
)
_MONTHS: Final = (4, 7, 10, 1)
"""A quarter's first month is named."""


@dataclass(frozen=True, slots=True)
class _Placed:
    event: SequenceEvent
    x: float
    day: Run
    lines: tuple[str, ...]
    """Of the label; empty where it found no room."""
    label_at: float
    row: int


@dataclass(frozen=True, slots=True)
class _Lane:
    """The content of one lane in a strip, from top to bottom."""

    name: str
    bars: tuple[SequenceBar, ...]
    marks: tuple[SequenceEvent, ...]
    """Folded events."""
    placed: tuple[_Placed, ...]

    @property
    def rows(self) -> int:
        return max((each.row + max(1, len(each.lines)) for each in self.placed), default=0)

    @property
    def height(self) -> float:
        above = (_BAR_ROW if self.bars else 0) + (_MARK_ROW if self.marks else 0)
        named = _NAME_LINE * len(wrapped(self.name, 12.5, _NAME_ROOM))
        return max(above + self.rows * _ROW, named) + 2 * _PADDING


def sequence_svg(
    events: Iterable[SequenceEvent],
    title: Text | str,
    language: Language = "ja",
    *,
    bars: Iterable[SequenceBar] = (),
    today: date | None = None,
) -> str:
    """The events in their lanes, day by day from left to right, over whole fiscal years.

    Args:
        events: at least one; the order within a day is kept.
        title: of the picture.
        language: of all texts.
        bars: what goes on for days; those of one lane don't overlap. Lanes with bars come first, in
            the order given.
        today: where its line is; ``None`` for none.

    Raises:
        DomainError: no events (``no_events``), more than 2,000 (``too_many_events``), or more than
            20 fiscal years (``too_many_years``).
    """
    return sequence(events, title, language, bars=bars, today=today)[1]


def sequence(
    events: Iterable[SequenceEvent],
    title: Text | str,
    language: Language,
    *,
    bars: Iterable[SequenceBar] = (),
    today: date | None = None,
) -> tuple[Scene, str]:
    """The scene that was drawn, with the box of each text, and its SVG."""
    ordered = sorted(events, key=lambda event: event.day)
    lasting = tuple(bars)
    years = _years(ordered, lasting)
    scene = Scene(f"sequence-{years[0]}-{len(years)}-{language}")
    heading = in_language(title, language)
    room = _PLOT_RIGHT - _MARGIN
    scene.text(_MARGIN, 40, Run(shortened(heading, 24, room), 24, INK, bold=True))
    between = "〜" if language == "ja" else " – "
    span = between.join(full_day(day, language) for day in _span(ordered, lasting))
    scene.text(_MARGIN, 68, Run(span, 13, MUTED))
    at, unlabelled = 108.0, 0
    wide = (_PLOT_RIGHT - _PLOT_LEFT) / min(len(years), _YEARS_IN_A_STRIP)
    for number in range(0, len(years), _YEARS_IN_A_STRIP):
        strip = years[number : number + _YEARS_IN_A_STRIP]
        axis = DayAxis(
            first_day(strip[0]), last_day(strip[-1]), _PLOT_LEFT, _PLOT_LEFT + wide * len(strip)
        )
        found = _lanes(ordered, lasting, axis, language)
        unlabelled += sum(not each.lines for lane in found for each in lane.placed)
        at = _strip(scene, axis, found, (at, today), language) + _BETWEEN_STRIPS
    at = _legend(scene, ordered, lasting, at - _BETWEEN_STRIPS + 14, language)
    if any(event.folded for event in ordered):
        scene.text(_MARGIN, at + 9, Run(in_language(_FOLDED, language), 11, MUTED))
        at += 18
    at = _unlabelled(scene, unlabelled, at, language)
    description = _description(ordered, language)
    return scene, scene.svg((_WIDTH, at + 16), heading, description, language)


def _lanes(
    events: Sequence[SequenceEvent],
    bars: Sequence[SequenceBar],
    axis: DayAxis,
    language: Language,
) -> list[_Lane]:
    """The lanes in which something happens; those with bars first, then by their first events."""
    found = []
    in_order = [*(each.lane for each in bars), *(event.lane for event in events)]
    for name in dict.fromkeys(in_language(lane, language) for lane in in_order):
        own = [e for e in events if e.day in axis and in_language(e.lane, language) == name]
        going_on = tuple(
            each
            for each in bars
            if in_language(each.lane, language) == name
            and each.first <= axis.last
            and each.last >= axis.first
        )
        placed = _place([event for event in own if not event.folded], axis, language)
        marks = tuple(event for event in own if event.folded)
        if own or going_on:
            found.append(_Lane(name, going_on, marks, tuple(placed)))
    return found


def _strip(
    scene: Scene,
    axis: DayAxis,
    found: Sequence[_Lane],
    top_and_today: tuple[float, date | None],
    language: Language,
) -> float:
    """Some years with the lanes in which something happens; gives back where it ends."""
    top, today = top_and_today
    heights = [lane.height for lane in found]
    bottom = top + _HEAD + sum(heights)
    _backgrounds(scene, heights, top + _HEAD)
    _draw_quarters(scene, axis, (top, bottom))
    if today:
        draw_today(scene, axis, today, (top, bottom), language)
    _draw_years(scene, axis, top, language)
    at = top + _HEAD
    for lane in found:
        _lane(scene, axis, lane, at, language)
        at += lane.height
    return bottom


def _span(events: Sequence[SequenceEvent], bars: Sequence[SequenceBar]) -> tuple[date, date]:
    days = [event.day for event in events]
    days += [day for each in bars for day in (each.first, each.last)]
    return min(days), max(days)


def _years(events: Sequence[SequenceEvent], bars: Sequence[SequenceBar]) -> range:
    if not events:
        raise DomainError("a sequence needs at least one event", field="events", code="no_events")
    if len(events) > MOST_EVENTS:
        raise DomainError(
            f"a picture shows up to {MOST_EVENTS} events, not {len(events)}",
            field="events",
            code="too_many_events",
        )
    first, last = _span(events, bars)
    years = range(fiscal_year_of(first), fiscal_year_of(last) + 1)
    if len(years) > MOST_YEARS:
        raise DomainError(
            f"a picture shows up to {MOST_YEARS} fiscal years, not {len(years)}",
            field="events",
            code="too_many_years",
        )
    return years


def _place(events: Sequence[SequenceEvent], axis: DayAxis, language: Language) -> list[_Placed]:
    """Labels right of their marks, or left at the right edge; rows so that nothing touches."""
    drafts: list[_Placed] = []
    extents: list[Extent] = []
    for event in events:
        x = axis.middle(event.day)
        day = Run(f"{short_day(event.day, language)} ", 10.5, MUTED)
        lines = tuple(wrapped(in_language(event.label, language), _SIZE, _LONGEST_LINE))
        wide = day.width + max((width(line, _SIZE) for line in lines), default=0)
        if x + _BESIDE + wide <= _PLOT_RIGHT:
            drafts.append(_Placed(event, x, day, lines, x + _BESIDE, 0))
            extents.append(Extent(x - _BESIDE, x + _BESIDE + wide))
        else:
            drafts.append(_Placed(event, x, day, lines, x - _BESIDE - wide, 0))
            extents.append(Extent(x - _BESIDE - wide, x + _BESIDE))
    rows = lanes(extents, _GAP, [max(1, len(draft.lines)) for draft in drafts])
    return [
        replace(draft, row=row)
        if row + len(draft.lines) <= _MOST_ROWS
        else replace(draft, row=_MOST_ROWS, lines=())
        for draft, row in zip(drafts, rows, strict=True)
    ]


def _backgrounds(scene: Scene, heights: Sequence[float], top: float) -> None:
    for number, height in enumerate(heights):
        if number % 2 == 0:
            scene.rect(_MARGIN, top, _PLOT_RIGHT, top + height, fill=STRIPE)
        scene.line(_MARGIN, top, _PLOT_RIGHT, top, stroke=RULE, stroke_width=1)
        top += height
    scene.line(_MARGIN, top, _PLOT_RIGHT, top, stroke=RULE, stroke_width=1)


def _draw_quarters(scene: Scene, axis: DayAxis, edges: tuple[float, float]) -> None:
    top, bottom = edges
    for month in axis.months():
        x = axis.begins(month)
        if month.month == _MONTHS[0]:
            scene.line(x, top, x, bottom, stroke=RULE, stroke_width=1.4)
        elif month.month in _MONTHS:
            scene.line(x, top + 26, x, bottom, stroke=GRID, stroke_width=1)
    scene.line(axis.right, top, axis.right, bottom, stroke=RULE, stroke_width=1.4)


def _draw_years(scene: Scene, axis: DayAxis, top: float, language: Language) -> None:
    for month in axis.months():
        x = axis.begins(month) + 6
        if month.month == _MONTHS[0]:
            name = japanese_name(month.year) if language == "ja" else f"Fiscal year {month.year}"
            scene.text(x, top + 13, Run(name, 13, INK, bold=True), halo=True)
        if month.month in _MONTHS:
            year = f" {month.year}" if month.month in {1, 4} else ""
            runs = (Run(month_name(month, language), 10.5, MUTED), Run(year, 10.5, MUTED))
            scene.text(x, top + 35, *runs, halo=True)


def _lane(scene: Scene, axis: DayAxis, lane: _Lane, top: float, language: Language) -> None:
    for number, line in enumerate(wrapped(lane.name, 12.5, _NAME_ROOM)):
        middle = top + _PADDING + _ROW / 2 + _NAME_LINE * number
        scene.text(_MARGIN + 8, middle, Run(line, 12.5, bold=True))
    top += _PADDING
    if lane.bars:
        for each in lane.bars:
            _bar(scene, axis, each, top + _BAR_ROW / 2, language)
        top += _BAR_ROW
    if lane.marks:
        for event in lane.marks:
            with scene.tooltip(_tooltip(event, language)):
                scene.draw(event_mark(event.kind, axis.middle(event.day), top + _MARK_ROW / 2))
        top += _MARK_ROW
    for placed in lane.placed:
        middle = top + (placed.row + 0.5) * _ROW
        with scene.tooltip(_tooltip(placed.event, language)):
            scene.draw(event_mark(placed.event.kind, placed.x, middle))
            for number, line in enumerate(placed.lines):
                runs = (*((placed.day,) if number == 0 else ()), Run(line, _SIZE))
                left = placed.label_at + (placed.day.width if number else 0)
                scene.text(left, middle + number * _LINE, *runs, halo=True)


def _bar(scene: Scene, axis: DayAxis, each: SequenceBar, middle: float, language: Language) -> None:
    left, right = axis.begins(each.first), axis.ends(each.last)
    label = Run(in_language(each.label, language), 11)
    name = in_language(each.name or each.label, language)
    days = weekday_span(each.first, each.last, language)
    with scene.tooltip(f"{name}\n{in_language(BARS[each.kind], language)}\n{days}"):
        scene.draw(bar(each.kind, (left, right), (middle - _HALF_BAR, middle + _HALF_BAR)))
        if label.width + 8 <= right - left:
            scene.text(left + 5, middle, label)


def _tooltip(event: SequenceEvent, language: Language) -> str:
    lines = (
        f"{full_day(event.day, language)} {in_language(event.label, language)}",
        in_language(KINDS[event.kind], language),
        in_language(event.detail, language),
    )
    return "\n".join(line for line in lines if line)


def _legend(
    scene: Scene,
    events: Sequence[SequenceEvent],
    bars: Sequence[SequenceBar],
    top: float,
    language: Language,
) -> float:
    x, middle = _MARGIN + 6, top + 12
    for bar_kind in BarKind:
        if any(each.kind is bar_kind for each in bars):
            scene.draw(bar(bar_kind, (x - 6, x + 22), (middle - 7, middle + 7)))
            meaning = Run(in_language(BARS[bar_kind], language), 11.5)
            x = scene.text(x + 30, middle, meaning).right + 26
    kinds = {event.kind for event in events}
    for kind in EventKind:
        if kind in kinds:
            scene.draw(event_mark(kind, x, middle))
            x = scene.text(x + 12, middle, Run(in_language(KINDS[kind], language), 11.5)).right + 26
    return top + 26


def _unlabelled(scene: Scene, number: int, top: float, language: Language) -> float:
    if number == 0:
        return top
    written = (
        f"表示しきれない{number}件は印のみ。印に触れると内容が出ます。"
        if language == "ja"
        else f"{number} events have no room for a label: point at their marks to read them."
    )
    scene.text(_MARGIN, top + 9, Run(written, 11, MUTED))
    return top + 18


def _description(events: Sequence[SequenceEvent], language: Language) -> str:
    return "; ".join(
        f"{event.day} {in_language(event.lane, language)}: {in_language(event.label, language)}"
        for event in events
    )
