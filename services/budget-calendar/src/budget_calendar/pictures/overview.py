"""Many municipalities' years side by side: who is in which phase, and whose deadline is next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from budget_calendar.domain.budget_year.calendar import (
    DEADLINES,
    MilestoneKind,
)
from budget_calendar.domain.budget_year.labels import PHASES, label_of
from budget_calendar.domain.budget_year.wording import (
    SHORT_BASES,
    SHORT_PHASES,
    Language,
    full_day,
    in_language,
    short_day,
    short_span,
    weekday_day,
)
from budget_calendar.domain.fiscal_years import (
    first_day,
    fiscal_year_of,
    japanese_name,
    last_day,
)
from budget_calendar.pictures.axis import DayAxis, draw_day, draw_grid, draw_months
from budget_calendar.pictures.items import tooltip_of
from budget_calendar.pictures.legend import (
    draw_bases,
    draw_fills,
    draw_notes,
    hatched,
    uncertain_days,
)
from budget_calendar.pictures.marks import mark
from budget_calendar.pictures.overview_rows import (
    KNOWLEDGE,
    MEMBERS_SIZE,
    OverviewRow,
    SharedRow,
    member_lines,
    shared_prefecture,
    shared_rows,
)
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from kakehashi_common.pictures.lettering import shortened
from kakehashi_common.pictures.palette import BAND, CURRENT, EDGE, INK, MUTED, PAPER, RULE, STRIPE
from kakehashi_common.pictures.scene import Run, Scene, run_width

MOST_ROWS: Final = 80
"""All of any prefecture but Hokkaido; more would not be readable on one page."""

_WIDTH: Final = 1710.0
_MARGIN: Final = 28.0
_PLOT_LEFT: Final = 176.0
_PLOT_RIGHT: Final = 1060.0
_NEXT: Final = _PLOT_RIGHT + 22
_ROW: Final = 30.0
_HALF_BAND: Final = 9.0
_ROW_PADDING: Final = 6.0
_HEADING: Final = 26.0
_MEMBERS_LINE: Final = 16.0
_RIGHT: Final = _WIDTH - _MARGIN
_MEMBERS: Final = _RIGHT - _PLOT_LEFT
"""Room of a line of names."""

_FILLS: Final = (
    ("phase", Text("段階（見込み）", "Phase (likely)")),
    ("current", Text("現在の段階", "Current phase")),
    ("deadline", Text("次の締切の見込みの幅", "Window of the next deadline")),
    ("uncertain", Text("段階が前後する可能性のある期間", "Days whose phase is not certain")),
)
_NOBODY: Final = Text("該当する自治体はありません。", "No municipality to show.")
_NEXT_TITLE: Final = Text("次の締切", "Next deadline")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The number of matching municipalities that the picture leaves out."""

    behind: int = 0
    """In order behind the last one shown."""
    without_calendar: int = 0
    """Followed, but no calendar of that day's year has been opened (yet)."""


_ALL_SHOWN: Final = LeftOut()


@dataclass(frozen=True, slots=True)
class _Placed:
    """A row of the picture."""

    shared: SharedRow
    members: tuple[str, ...]
    """Names of the municipalities of a shared row, in lines; empty for a single one."""
    top: float

    @property
    def middle(self) -> float:
        return self.top + _ROW / 2

    @property
    def bottom(self) -> float:
        lines = len(self.members)
        return self.top + _ROW + (lines * _MEMBERS_LINE + 6 if lines else 0)


def overview_svg(
    rows: Sequence[OverviewRow],
    today: date,
    language: Language = "ja",
    *,
    deadlines: Collection[MilestoneKind] = DEADLINES,
    left_out: LeftOut = _ALL_SHOWN,
) -> str:
    """The years of up to 80 municipalities of one fiscal year.

    What was observed or corrected comes first; else the order is the one given. Municipalities
    whose dates are the same share a row.

    Args:
        rows: the municipalities; none gives a picture that says so.
        today: the day that it is drawn as of, which need not be today: marks the phase that holds
            and which deadline is next.
        language: of all texts.
        deadlines: the kinds of milestones of which the next one is shown.
        left_out: is said, so that nobody takes a part for the whole.

    Raises:
        DomainError: more than 80 rows (``too_many_rows``), or rows of several fiscal years
            (``several_fiscal_years``).
    """
    return overview(rows, today, language, deadlines, left_out)[1]


def overview(
    rows: Sequence[OverviewRow],
    today: date,
    language: Language,
    deadlines: Collection[MilestoneKind] = DEADLINES,
    left_out: LeftOut = _ALL_SHOWN,
) -> tuple[Scene, str]:
    """The scene that was drawn, with the box of each text, and its SVG."""
    fiscal_year = _fiscal_year(rows, today)
    scene = Scene(f"overview-{fiscal_year}-{language}")
    axis = DayAxis(first_day(fiscal_year), last_day(fiscal_year), _PLOT_LEFT, _PLOT_RIGHT)
    title = _title(fiscal_year, language)
    scene.text(_MARGIN, 40, Run(title, 24, INK, bold=True))
    subtitle = _subtitle(rows, left_out.behind, today, language)
    scene.text(_MARGIN, 68, Run(subtitle, 13, MUTED))
    axis_top = 110.0
    top = axis_top + 26
    headings, placed, bottom = _place(rows, (top, today), deadlines, language)
    for row in placed[::2]:
        scene.rect(_MARGIN, row.top, _RIGHT, row.bottom, fill=STRIPE)
    scene.text(
        _NEXT, axis_top + 13, Run(in_language(_NEXT_TITLE, language), 12.5, MUTED, bold=True)
    )
    draw_grid(scene, axis, axis_top, bottom)
    for y in (top, bottom):
        scene.line(_MARGIN, y, _RIGHT, y, stroke=RULE, stroke_width=1)
    for row in placed:
        _bands(scene, axis, row, today, language)
    shown_day = weekday_day(today, language)
    flag = f"{shown_day} 現在" if language == "ja" else f"As of {shown_day}"
    draw_day(scene, axis, today, (axis_top, bottom), flag)
    draw_months(scene, axis, axis_top, language)
    for middle, heading in headings:
        scene.text(_MARGIN + 8, middle, Run(heading, 11.5, MUTED, bold=True), halo=True)
    for row in placed:
        _names(scene, row, shared_prefecture(rows), language)
        _phase_names(scene, axis, row, today, language)
        _next(scene, axis, row, today, language)
    if not rows:
        scene.text(
            _MARGIN + 8, (top + bottom) / 2, Run(in_language(_NOBODY, language), 12.5, MUTED)
        )
    at = draw_bases(scene, _MARGIN, bottom + 14, language)
    at = draw_fills(scene, _MARGIN, at, _FILLS, language)
    notes = _notes(left_out, language)
    at = draw_notes(scene, _MARGIN, _RIGHT, at + 8, notes, language)
    description = _description(placed, today, language)
    return scene, scene.svg((_WIDTH, at + 18), title, description, language)


def _place(
    rows: Sequence[OverviewRow],
    begins: tuple[float, date],
    deadlines: Collection[MilestoneKind],
    language: Language,
) -> tuple[list[tuple[float, str]], list[_Placed], float]:
    """Headings and rows, each where it is, and where the last one ends."""
    at, today = begins
    if not rows:
        return [], [], at + _ROW + 2 * _ROW_PADDING
    headings, placed = [], []
    for knowledge, found in shared_rows(rows, today, deadlines).items():
        count = sum(len(each.members) for each in found)
        title = in_language(KNOWLEDGE[knowledge], language)
        headings.append(
            (
                at + _ROW_PADDING + _HEADING / 2,
                f"{title}（{count}団体）" if language == "ja" else f"{title} ({count})",
            )
        )
        at += _ROW_PADDING + _HEADING
        for each in found:
            row = _Placed(each, member_lines(each, rows, _MEMBERS, language), at)
            placed.append(row)
            at = row.bottom
    return headings, placed, at + _ROW_PADDING


def _fiscal_year(rows: Sequence[OverviewRow], today: date) -> int:
    if len(rows) > MOST_ROWS:
        raise DomainError(
            f"a picture shows up to {MOST_ROWS} municipalities, not {len(rows)}; filter them or "
            "ask for the list",
            field="codes",
            code="too_many_rows",
        )
    years = sorted({row.calendar.fiscal_year for row in rows})
    if len(years) > 1:
        raise DomainError(
            f"a picture shows one fiscal year, not {', '.join(map(str, years))}",
            field="fiscal_year",
            code="several_fiscal_years",
        )
    return years[0] if years else fiscal_year_of(today)


def _title(fiscal_year: int, language: Language) -> str:
    if language == "ja":
        return f"{japanese_name(fiscal_year)} 予算編成の状況一覧"
    return f"Budget overview: fiscal year {fiscal_year} ({japanese_name(fiscal_year)})"


def _subtitle(rows: Sequence[OverviewRow], behind: int, today: date, language: Language) -> str:
    day, shown = full_day(today, language), len(rows)
    if language == "ja":
        of_how_many = f"該当{shown + behind}団体のうち先頭の" if behind else ""
        parts = [f"{of_how_many}{shown}団体", f"{day}現在"]
    else:
        bodies = "1 municipality" if shown == 1 else f"{shown} municipalities"
        first_of = f"The first {shown} of {shown + behind} municipalities" if behind else bodies
        parts = [first_of, f"As of {day}"]
    if prefecture := shared_prefecture(rows):
        parts.insert(0, prefecture)
    return ("　｜　" if language == "ja" else "   |   ").join(parts)


def _notes(left_out: LeftOut, language: Language) -> list[str]:
    missing = left_out.without_calendar
    if not missing:
        return []
    if language == "ja":
        return [
            f"ほかに{missing}団体をフォロー中ですが、この年度の予算カレンダーがまだありません。"
        ]
    bodies = "1 more municipality is" if missing == 1 else f"{missing} more municipalities are"
    return [f"{bodies} followed, without a calendar of this fiscal year yet."]


def _bands(scene: Scene, axis: DayAxis, row: _Placed, today: date, language: Language) -> None:
    calendar = row.shared.calendar
    top, bottom = row.middle - _HALF_BAND, row.middle + _HALF_BAND
    for span in calendar.phases:
        days = (span.begins.window.likely, span.ends.likely)
        name = in_language(PHASES[span.phase], language)
        with scene.tooltip(
            f"{tooltip_of(name, span.begins, language)}\n{short_span(*days, language)}"
        ):
            scene.rect(
                axis.begins(days[0]), top, axis.ends(days[1]), bottom,
                fill=CURRENT if days[0] <= today <= days[1] else BAND, stroke=PAPER, stroke_width=1,
            )  # fmt: skip
    for first, last in uncertain_days([span.begins.window for span in calendar.phases]):
        hatched(scene, axis.begins(first), axis.ends(last), row.middle, _HALF_BAND)


def _names(scene: Scene, row: _Placed, prefecture: str, language: Language) -> None:
    """Whose row it is: the municipality's name, or how many share it and who."""
    members = row.shared.members
    if row.members:
        count = len(members)
        written = f"{count}団体" if language == "ja" else f"{count} municipalities"
        scene.text(_MARGIN + 8, row.middle, Run(written, 13, INK, bold=True))
        for number, line in enumerate(row.members):
            middle = row.top + _ROW + (number + 0.5) * _MEMBERS_LINE
            scene.text(_PLOT_LEFT, middle, Run(line, MEMBERS_SIZE), halo=True)
        return
    only = members[0]
    name = in_language(only.name, language)
    with scene.tooltip(f"{name} {only.prefecture} ({only.calendar.code})"):
        room = _PLOT_LEFT - _MARGIN - 18
        runs = [Run(shortened(name, 13, room), 13, INK, bold=True)]
        where = Run(f"  {only.prefecture}", 10, MUTED)
        if only.prefecture not in {"", name, prefecture} and run_width([*runs, where]) <= room:
            runs.append(where)
        scene.text(_MARGIN + 8, row.middle, *runs)


def _phase_names(
    scene: Scene, axis: DayAxis, row: _Placed, today: date, language: Language
) -> None:
    """The names of the phases that are long enough to hold them."""
    for span in row.shared.calendar.phases:
        begins, ends = axis.begins(span.begins.window.likely), axis.ends(span.ends.likely)
        current = span.begins.window.likely <= today <= span.ends.likely
        run = Run(in_language(SHORT_PHASES[span.phase], language), 10.5, INK, bold=current)
        if run.width + 6 <= ends - begins:
            scene.text((begins + ends) / 2, row.middle, run, anchor="middle", halo=True)


def _next(scene: Scene, axis: DayAxis, row: _Placed, today: date, language: Language) -> None:
    """The next deadline: marked on the row, its window below the band, written beside it."""
    milestone, middle = row.shared.next, row.middle
    if milestone is None:
        scene.text(_NEXT, middle, Run("–", 12, MUTED))
        return
    estimate = milestone.estimate
    window = estimate.window
    name = in_language(label_of(milestone), language)
    days = (window.likely - today).days
    left = f"あと{days}日" if language == "ja" else f"in {days} days"
    if days == 0:
        left = "当日" if language == "ja" else "that day"
    details = (
        Run(f"  {weekday_day(window.likely, language)}", 12, bold=True),
        Run(f"  {left}  ", 11, MUTED),
        Run(
            f"{short_span(window.earliest, window.latest, language)} " if window.days > 1 else "",
            10.5,
            MUTED,
        ),
        Run(in_language(SHORT_BASES[estimate.basis], language), 10.5, MUTED),
    )
    room = _WIDTH - _MARGIN - _NEXT - 18 - run_width(details)
    with scene.tooltip(tooltip_of(name, estimate, language, milestone.note)):
        begins, ends = axis.begins(window.earliest), axis.ends(window.latest)
        if window.days > 1 and begins < ends:
            y = middle + _HALF_BAND + 2.5
            scene.line(begins, y, ends, y, stroke=EDGE, stroke_width=2.4)
        if window.likely in axis:
            scene.draw(mark(estimate.basis, axis.middle(window.likely), middle + _HALF_BAND + 2))
        scene.draw(mark(estimate.basis, _NEXT + 5, middle))
        scene.text(_NEXT + 18, middle, Run(shortened(name, 12, room), 12), *details)


def _description(placed: Sequence[_Placed], today: date, language: Language) -> str:
    """Return the picture's text alternative."""
    written = []
    for row in placed:
        calendar = row.shared.calendar
        about = []
        if first_day(calendar.fiscal_year) <= today <= last_day(calendar.fiscal_year):
            about.append(in_language(PHASES[calendar.phase_on(today).phase], language))
        if coming := row.shared.next:
            label = in_language(label_of(coming), language)
            about.append(f"{label} {short_day(coming.likely, language)}")
        names = ", ".join(in_language(each.name, language) for each in row.shared.members)
        written.append(f"{names}: {', '.join(about) or '–'}")
    return "; ".join(written) or in_language(_NOBODY, language)
