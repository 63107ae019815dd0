"""One municipality's year from April to March as a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, PhaseSpan, SkeletonBudget
from budget_calendar.domain.budget_year.labels import PHASES, label_of
from budget_calendar.domain.budget_year.templates import TEMPLATES
from budget_calendar.domain.budget_year.wording import (
    Language,
    full_day,
    in_language,
    short_day,
    short_span,
)
from budget_calendar.domain.fiscal_years import first_day, japanese_name, last_day
from budget_calendar.pictures.axis import DayAxis, draw_grid, draw_months, draw_today
from budget_calendar.pictures.items import GROUPS, Item, items_of, tooltip_of
from budget_calendar.pictures.legend import (
    draw_bases,
    draw_fills,
    draw_notes,
    hatched,
    uncertain_days,
    window_bar,
)
from budget_calendar.pictures.marks import SESSION, SESSION_EDGE, mark
from kakehashi_common.domain.texts import Text
from kakehashi_common.pictures.lettering import shortened, wrapped
from kakehashi_common.pictures.palette import (
    BAND,
    CURRENT,
    EDGE,
    GRID,
    INK,
    MUTED,
    NOTICE,
    NOTICE_EDGE,
    PAPER,
    RULE,
    STRIPE,
    TODAY,
)
from kakehashi_common.pictures.scene import Run, Scene

_WIDTH: Final = 1400.0
_MARGIN: Final = 28.0
_PLOT_RIGHT: Final = _WIDTH - _MARGIN
_NAMES: Final = _MARGIN + 40
"""Where names begin, right of the mark of what is next."""
_LEAST_GUTTER: Final = 268.0
_WIDEST_GUTTER: Final = 520.0
_ROW: Final = 25.0
_HALF_BAND: Final = 8.0
_PADDING: Final = 7.0
"""Above the first and below the last row of a section."""
_ITEM_ROW: Final = 20.0
_TITLE_ROW: Final = 22.0
_HALF_WINDOW: Final = 8.0
"""A window is drawn where it is wider than a mark."""
_BETWEEN_COLUMNS: Final = 12.0

_NEXT: Final = Text("次", "next")
_FILLS: Final[Sequence[tuple[str, Text]]] = (
    ("phase", Text("段階（見込み）", "Phase (likely)")),
    ("current", Text("現在の段階", "Current phase")),
    ("uncertain", Text("前後する可能性のある期間", "Days that may belong to it or not")),
    ("session", Text("定例会の会期", "Council session")),
    ("window", Text("節目の見込みの幅", "Window of a milestone")),
)


@dataclass(frozen=True, slots=True)
class _Section:
    """One part of the picture: what happens, a row each, in the order of days."""

    title: Text
    items: tuple[Item, ...]

    @property
    def height(self) -> float:
        return _TITLE_ROW + len(self.items) * _ITEM_ROW + 2 * _PADDING

    def next(self, today: date) -> Item | None:
        """The first that isn't over."""
        return next((item for item in self.items if item.day >= today), None)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where a row's date ends, and its basis and the plot begin."""

    dates_end: float
    bases: float
    plot: float


def timeline_svg(
    calendar: BudgetCalendar, name: Text | str, today: date, language: Language = "ja"
) -> str:
    """The year as a picture: phases, milestones with their windows, sessions, and today.

    The same arguments give the same text. Each mark has a tooltip with everything that is known of
    its date.
    """
    return timeline(calendar, name, today, language)[1]


def timeline(
    calendar: BudgetCalendar, name: Text | str, today: date, language: Language
) -> tuple[Scene, str]:
    """The scene that was drawn, with the box of each text, and its SVG."""
    scene = Scene(f"year-{calendar.code}-{calendar.fiscal_year}-{language}")
    columns = _columns(calendar, language)
    axis = _axis(calendar, columns.plot)
    title = _title(calendar, in_language(name, language), language)
    bottom = _header(scene, calendar, title, today, language)
    axis_top = bottom + 24
    top = axis_top + 26
    sections = _sections(calendar, axis, language)
    phases_bottom = top + len(calendar.phases) * _ROW + 2 * _PADDING
    plot_bottom = phases_bottom + sum(section.height for section in sections)

    _backgrounds(scene, sections, (top, phases_bottom))
    _lines(scene, sections, phases_bottom)
    draw_grid(scene, axis, axis_top, plot_bottom)
    draw_today(scene, axis, today, (axis_top, plot_bottom), language)
    draw_months(scene, axis, axis_top, language)
    for row, span in enumerate(calendar.phases):
        _phase(scene, axis, span, top + _PADDING + (row + 0.5) * _ROW, today, language)
    at = phases_bottom
    for section in sections:
        _section(scene, section, (at, columns), today, language)
        at += section.height

    at = draw_bases(scene, _MARGIN, plot_bottom + 14, language)
    fills = [each for each in _FILLS if each[0] != "current" or today in axis]
    at = draw_fills(scene, _MARGIN, at, fills, language)
    warnings = [in_language(warning, language) for warning in calendar.warnings]
    at = draw_notes(scene, _MARGIN, _PLOT_RIGHT, at + 8, warnings, language)
    return scene, scene.svg(
        (_WIDTH, at + 18), title, _description(calendar, today, language), language
    )


def _title(calendar: BudgetCalendar, name: str, language: Language) -> str:
    year = japanese_name(calendar.fiscal_year)
    if language == "ja":
        return f"{name} {year} 予算カレンダー"
    return f"{name}: budget calendar of fiscal year {calendar.fiscal_year} ({year})"


def _header(
    scene: Scene, calendar: BudgetCalendar, title: str, today: date, language: Language
) -> float:
    """Title, what the year is about, and the notice of a skeleton budget."""
    room = _PLOT_RIGHT - _MARGIN
    scene.text(_MARGIN, 40, Run(shortened(title, 24, room), 24, INK, bold=True))
    scene.text(
        _MARGIN, 68, Run(shortened(_subtitle(calendar, today, language), 13, room), 13, MUTED)
    )
    top = 86.0
    if calendar.skeleton:
        lines = wrapped(_skeleton(calendar.skeleton, language), 12.5, room - 48)
        bottom = top + 12 + 18 * len(lines)
        scene.rect(
            _MARGIN, top, _PLOT_RIGHT, bottom, fill=NOTICE, stroke=NOTICE_EDGE, stroke_width=1, rx=4
        )
        x, y = _MARGIN + 19, top + 15
        scene.draw(
            f'<path d="M{x} {y - 8}l8.5 15h-17z" fill="{NOTICE_EDGE}"/>'
            f'<path d="M{x} {y - 3}v5.2m0 1.6v1.6" stroke="{PAPER}" stroke-width="1.7"/>'
        )
        for number, line in enumerate(lines):
            scene.text(_MARGIN + 36, top + 15 + 18 * number, Run(line, 12.5, bold=number == 0))
        top = bottom + 12
    return top


def _subtitle(calendar: BudgetCalendar, today: date, language: Language) -> str:
    following = calendar.fiscal_year + 1
    template = TEMPLATES.get(calendar.template)
    if language == "ja":
        parts = [
            f"{japanese_name(following)}当初予算の編成と、{japanese_name(calendar.fiscal_year)}予算の補正"
        ]
    else:
        parts = [f"Prepares the budget of {following}, amends that of {calendar.fiscal_year}"]
    if template:
        title = in_language(template.title, language)
        parts.append(f"標準日程: {title}" if language == "ja" else f"Template: {title}")
    if first_day(calendar.fiscal_year) <= today <= last_day(calendar.fiscal_year):
        phase = in_language(PHASES[calendar.phase_on(today).phase], language)
        day = full_day(today, language)
        parts.append(f"今日 {day}: {phase}" if language == "ja" else f"Today, {day}: {phase}")
    return ("　｜　" if language == "ja" else "   |   ").join(parts)


def _skeleton(skeleton: SkeletonBudget, language: Language) -> str:
    percent = round(skeleton.probability * 100)
    election = full_day(skeleton.election.likely, language)
    if language == "ja":
        return (
            f"骨格予算となる可能性 約{percent}%: 首長選挙（{election}頃）が近く、"
            "政策的経費は選挙後の補正予算（肉付け予算）に回ることがあります。"
        )
    return (
        f"Skeleton budget (骨格予算) possible, about {percent}%: the head is elected around "
        f"{election}, and policy items may wait for a supplementary budget after it."
    )


def _axis(calendar: BudgetCalendar, left: float) -> DayAxis:
    return DayAxis(
        first_day(calendar.fiscal_year), last_day(calendar.fiscal_year), left, _PLOT_RIGHT
    )


def _sections(calendar: BudgetCalendar, axis: DayAxis, language: Language) -> list[_Section]:
    found = (
        _Section(title, tuple(items_of(calendar, kinds, axis, language)))
        for title, kinds in GROUPS.items()
    )
    return [section for section in found if section.items]


def _columns(calendar: BudgetCalendar, language: Language) -> _Columns:
    """As wide as the longest row needs."""
    sections = _sections(calendar, _axis(calendar, _MARGIN + _LEAST_GUTTER), language)
    items = [item for section in sections for item in section.items]
    basis = max((_basis(item).width for item in items), default=0)
    row = max((_name(item).width + _when(item).width for item in items), default=0)
    wanted = _NAMES + row + basis + 3 * _BETWEEN_COLUMNS
    plot = min(max(wanted, _MARGIN + _LEAST_GUTTER), _MARGIN + _WIDEST_GUTTER)
    bases = plot - _BETWEEN_COLUMNS - basis
    return _Columns(bases - _BETWEEN_COLUMNS / 2, bases, plot)


def _name(item: Item, fill: str = INK) -> Run:
    return Run(item.name, 12, fill, bold=item.emphasised)


def _when(item: Item, fill: str = INK) -> Run:
    return Run(item.when, 12, fill, bold=True)


def _basis(item: Item) -> Run:
    return Run(item.basis, 10.5, MUTED)


def _backgrounds(scene: Scene, sections: Sequence[_Section], phases: tuple[float, float]) -> None:
    top, bottom = phases
    edges = [(top, bottom)]
    for section in sections:
        edges.append((bottom, bottom + section.height))
        bottom += section.height
    for number, (above, below) in enumerate(edges):
        if number % 2 == 0:
            scene.rect(_MARGIN, above, _PLOT_RIGHT, below, fill=STRIPE)
        scene.line(_MARGIN, above, _PLOT_RIGHT, above, stroke=RULE, stroke_width=1)
    scene.line(_MARGIN, bottom, _PLOT_RIGHT, bottom, stroke=RULE, stroke_width=1)


def _lines(scene: Scene, sections: Sequence[_Section], top: float) -> None:
    """A faint line under each row, from its name to its mark."""
    for section in sections:
        at = top + _PADDING + _TITLE_ROW
        for _ in section.items[:-1]:
            at += _ITEM_ROW
            scene.line(_NAMES, at, _PLOT_RIGHT, at, stroke=GRID, stroke_width=0.6)
        top += section.height


def _phase(
    scene: Scene, axis: DayAxis, span: PhaseSpan, middle: float, today: date, language: Language
) -> None:
    name = in_language(PHASES[span.phase], language)
    begins, ends = span.begins.window, span.ends
    current = begins.likely <= today <= ends.likely
    gutter = axis.left - _MARGIN - 18
    scene.text(_MARGIN + 8, middle, Run(shortened(name, 12, gutter), 12, INK, bold=current))
    outer = (axis.begins(begins.earliest), axis.ends(ends.latest))
    likely = (axis.begins(begins.likely), axis.ends(ends.likely))
    top, bottom = middle - _HALF_BAND, middle + _HALF_BAND
    with scene.tooltip(tooltip_of(name, span.begins, language)):
        scene.rect(
            outer[0], top, outer[1], bottom, fill=PAPER, stroke=EDGE, stroke_width=0.8,
            stroke_dasharray="3 2",
        )  # fmt: skip
        scene.rect(
            likely[0], top, likely[1], bottom, fill=CURRENT if current else BAND, stroke=EDGE,
            stroke_width=0.8,
        )  # fmt: skip
        for first, last in uncertain_days([begins, ends]):
            hatched(scene, axis.begins(first), axis.ends(last), middle, _HALF_BAND)
    written = Run(short_span(begins.likely, ends.likely, language), 12, bold=True)
    if outer[1] + 8 + written.width <= axis.right:
        scene.text(outer[1] + 8, middle, written, halo=True)
    elif outer[0] - 8 - written.width >= axis.left:
        scene.text(outer[0] - 8, middle, written, anchor="end", halo=True)
    else:  # neither side has room, so the band has
        scene.text((outer[0] + outer[1]) / 2, middle, written, anchor="middle", halo=True)


def _section(
    scene: Scene,
    section: _Section,
    place: tuple[float, _Columns],
    today: date,
    language: Language,
) -> None:
    top, columns = place
    title = in_language(section.title, language)
    middle = top + _PADDING + _TITLE_ROW / 2
    scene.text(_MARGIN + 8, middle, Run(title, 12, MUTED, bold=True))
    coming = section.next(today)
    middle += (_TITLE_ROW - _ITEM_ROW) / 2
    for item in section.items:
        middle += _ITEM_ROW
        with scene.tooltip(item.tooltip):
            if item is coming:
                _next(scene, middle, language)
            _written(scene, item, (middle, columns), MUTED if item.last < today else INK)
            _drawn(scene, item, middle)


def _next(scene: Scene, middle: float, language: Language) -> None:
    run = Run(in_language(_NEXT, language), 10, PAPER, bold=True)
    right = _NAMES - 6
    scene.rect(right - run.width - 8, middle - 7.5, right, middle + 7.5, fill=TODAY, rx=3)
    scene.text(right - 4, middle, run, anchor="end")


def _written(scene: Scene, item: Item, place: tuple[float, _Columns], fill: str) -> None:
    middle, columns = place
    when = _when(item, fill)
    name = _name(item, fill)
    room = columns.dates_end - when.width - _BETWEEN_COLUMNS - _NAMES
    scene.text(
        _NAMES, middle, Run(shortened(name.text, name.size, room), name.size, fill, name.bold)
    )
    scene.text(columns.dates_end, middle, when, anchor="end")
    scene.text(columns.bases, middle, _basis(item))


def _drawn(scene: Scene, item: Item, middle: float) -> None:
    if item.core:
        hatched(scene, item.begins, item.ends, middle, 5, outlined=True)
        scene.rect(
            *(item.core[0], middle - 5, item.core[1], middle + 5),
            fill=SESSION, stroke=SESSION_EDGE, stroke_width=0.8,
        )  # fmt: skip
    elif item.ends - item.begins > 2 * _HALF_WINDOW:
        window_bar(scene, item.begins, item.ends, middle)
    for x, basis in item.marks:
        scene.draw(mark(basis, x, middle))


def _description(calendar: BudgetCalendar, today: date, language: Language) -> str:
    """Return the picture's text alternative."""
    between = "、" if language == "ja" else "; "
    phases = between.join(
        f"{in_language(PHASES[span.phase], language)} "
        f"{short_span(span.begins.window.likely, span.ends.likely, language)}"
        for span in calendar.phases
    )
    coming = between.join(
        f"{in_language(label_of(m), language)} {short_day(m.likely, language)}"
        for m in calendar.milestones
        if m.likely >= today
    )
    if language == "ja":
        return f"段階: {phases}。今後の節目: {coming or 'なし'}。"
    return f"Phases: {phases}. Milestones to come: {coming or 'none'}."
