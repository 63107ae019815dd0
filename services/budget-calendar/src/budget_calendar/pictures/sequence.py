"""Dated events over some years in lanes: what a simulation or a pursuit went through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from budget_calendar.domain.fiscal_years import (
    first_day,
    fiscal_year_of,
    japanese_name,
    last_day,
)
from budget_calendar.domain.refusals import RefusedError
from budget_calendar.domain.texts import Text
from budget_calendar.pictures.axis import DayAxis, draw_today
from budget_calendar.pictures.events import KINDS, EventKind, SequenceEvent, event_mark
from budget_calendar.pictures.lanes import Extent, lanes
from budget_calendar.pictures.lettering import shortened, wrapped
from budget_calendar.pictures.palette import GRID, INK, MUTED, RULE, STRIPE
from budget_calendar.pictures.scene import Run, Scene
from budget_calendar.wording import Language, full_day, in_language, month_name, short_day

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
_BESIDE: Final = 10.0
_LONGEST_LABEL: Final = 300.0
_MOST_ROWS: Final = 16
"""How many rows one lane may take; what finds no room keeps its mark and its tooltip."""
_MONTHS: Final = (4, 7, 10, 1)
"""A quarter's first month is named."""


@dataclass(frozen=True, slots=True)
class _Placed:
    event: SequenceEvent
    x: float
    runs: tuple[Run, ...]
    label_at: float
    anchor: str
    row: int


def sequence_svg(
    events: Iterable[SequenceEvent],
    title: Text | str,
    language: Language = "ja",
    *,
    today: date | None = None,
) -> str:
    """The events in their lanes, day by day from left to right, over whole fiscal years.

    Args:
        events: at least one; the order within a day is kept.
        title: of the picture.
        language: of all texts.
        today: where its line is; ``None`` for none.

    Raises:
        RefusedError: no events (``no_events``), more than 2,000 (``too_many_events``), or more than
            20 fiscal years (``too_many_years``).
    """
    return sequence(events, title, language, today=today)[1]


def sequence(
    events: Iterable[SequenceEvent],
    title: Text | str,
    language: Language,
    *,
    today: date | None = None,
) -> tuple[Scene, str]:
    """The scene that was drawn, with the box of each text, and its SVG."""
    ordered = sorted(events, key=lambda event: event.day)
    years = _years(ordered)
    scene = Scene(f"sequence-{years[0]}-{len(years)}-{language}")
    heading = in_language(title, language)
    room = _PLOT_RIGHT - _MARGIN
    scene.text(_MARGIN, 40, Run(shortened(heading, 24, room), 24, INK, bold=True))
    between = "〜" if language == "ja" else " – "
    span = between.join(full_day(event.day, language) for event in (ordered[0], ordered[-1]))
    scene.text(_MARGIN, 68, Run(span, 13, MUTED))
    by_lane = _lanes(ordered, language)
    at, unlabelled = 108.0, 0
    wide = (_PLOT_RIGHT - _PLOT_LEFT) / min(len(years), _YEARS_IN_A_STRIP)
    for number in range(0, len(years), _YEARS_IN_A_STRIP):
        strip = years[number : number + _YEARS_IN_A_STRIP]
        axis = DayAxis(
            first_day(strip[0]), last_day(strip[-1]), _PLOT_LEFT, _PLOT_LEFT + wide * len(strip)
        )
        placed: dict[str, list[_Placed]] = {}
        for lane, found in by_lane.items():
            within = [event for event in found if event.day in axis]
            if within:
                placed[lane] = _place(within, axis, language)
        unlabelled += sum(not each.runs for found in placed.values() for each in found)
        at = _strip(scene, axis, placed, (at, today), language) + _BETWEEN_STRIPS
    at = _legend(scene, {event.kind for event in ordered}, at - _BETWEEN_STRIPS + 14, language)
    at = _unlabelled(scene, unlabelled, at, language)
    description = _description(ordered, language)
    return scene, scene.svg((_WIDTH, at + 16), heading, description, language)


def _lanes(
    events: Sequence[SequenceEvent], language: Language
) -> Mapping[str, list[SequenceEvent]]:
    """Each lane's events, the lanes in the order of their first events."""
    found: dict[str, list[SequenceEvent]] = {}
    for event in events:
        found.setdefault(in_language(event.lane, language), []).append(event)
    return found


def _strip(
    scene: Scene,
    axis: DayAxis,
    placed: Mapping[str, Sequence[_Placed]],
    top_and_today: tuple[float, date | None],
    language: Language,
) -> float:
    """Some years with the lanes in which something happens; gives back where it ends."""
    top, today = top_and_today
    heights = [
        max(
            (max(each.row for each in found) + 1) * _ROW,
            _NAME_LINE * len(wrapped(lane, 12.5, _NAME_ROOM)),
        )
        + 2 * _PADDING
        for lane, found in placed.items()
    ]
    bottom = top + _HEAD + sum(heights)
    _backgrounds(scene, heights, top + _HEAD)
    _draw_quarters(scene, axis, (top, bottom))
    if today:
        draw_today(scene, axis, today, (top, bottom), language)
    _draw_years(scene, axis, top, language)
    at = top + _HEAD
    for (lane, found), height in zip(placed.items(), heights, strict=True):
        _lane(scene, lane, found, at, language)
        at += height
    return bottom


def _years(events: Sequence[SequenceEvent]) -> range:
    if not events:
        raise RefusedError("a sequence needs at least one event", field="events", code="no_events")
    if len(events) > MOST_EVENTS:
        raise RefusedError(
            f"a picture shows up to {MOST_EVENTS} events, not {len(events)}",
            field="events",
            code="too_many_events",
        )
    years = range(fiscal_year_of(events[0].day), fiscal_year_of(events[-1].day) + 1)
    if len(years) > MOST_YEARS:
        raise RefusedError(
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
        label = in_language(event.label, language)
        runs = (day, Run(shortened(label, 11.5, _LONGEST_LABEL - day.width), 11.5))
        wide = sum(run.width for run in runs)
        if x + _BESIDE + wide <= _PLOT_RIGHT:
            drafts.append(_Placed(event, x, runs, x + _BESIDE, "start", 0))
            extents.append(Extent(x - _BESIDE, x + _BESIDE + wide))
        else:
            drafts.append(_Placed(event, x, runs, x - _BESIDE, "end", 0))
            extents.append(Extent(x - _BESIDE - wide, x + _BESIDE))
    rows = lanes(extents, _GAP)
    return [
        _Placed(
            draft.event,
            draft.x,
            draft.runs if row < _MOST_ROWS else (),
            draft.label_at,
            draft.anchor,
            min(row, _MOST_ROWS),
        )
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


def _lane(
    scene: Scene, lane: str, placed: Sequence[_Placed], top: float, language: Language
) -> None:
    for number, line in enumerate(wrapped(lane, 12.5, _NAME_ROOM)):
        middle = top + _PADDING + _ROW / 2 + _NAME_LINE * number
        scene.text(_MARGIN + 8, middle, Run(line, 12.5, bold=True))
    for each in placed:
        event = each.event
        middle = top + _PADDING + (each.row + 0.5) * _ROW
        lines = (
            f"{full_day(event.day, language)} {in_language(event.label, language)}",
            in_language(KINDS[event.kind], language),
            in_language(event.detail, language),
        )
        with scene.tooltip("\n".join(line for line in lines if line)):
            scene.draw(event_mark(event.kind, each.x, middle))
            if each.runs:
                scene.text(each.label_at, middle, *each.runs, anchor=each.anchor, halo=True)


def _legend(scene: Scene, kinds: set[EventKind], top: float, language: Language) -> float:
    x, middle = _MARGIN + 6, top + 12
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
