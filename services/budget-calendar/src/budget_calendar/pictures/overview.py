"""Many municipalities' years at a glance: who is in which phase, and whose deadline is next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from budget_calendar.domain.budget_year.calendar import (
    DEADLINES,
    BudgetCalendar,
    Milestone,
    MilestoneKind,
    Phase,
)
from budget_calendar.domain.budget_year.labels import PHASES, label_of
from budget_calendar.domain.fiscal_years import (
    first_day,
    fiscal_year_of,
    japanese_name,
    last_day,
)
from budget_calendar.domain.refusals import RefusedError
from budget_calendar.domain.texts import Text
from budget_calendar.pictures.axis import DayAxis, draw_day, draw_grid, draw_months
from budget_calendar.pictures.items import tooltip_of
from budget_calendar.pictures.legend import (
    draw_bases,
    draw_fills,
    draw_notes,
    hatched,
    uncertain_days,
)
from budget_calendar.pictures.lettering import shortened
from budget_calendar.pictures.palette import (
    BAND,
    CURRENT,
    EDGE,
    INK,
    MUTED,
    PAPER,
    RULE,
    STRIPE,
    mark,
)
from budget_calendar.pictures.scene import Run, Scene, run_width
from budget_calendar.wording import (
    SHORT_BASES,
    Language,
    full_day,
    in_language,
    short_day,
    short_span,
)

MOST_ROWS: Final = 50
"""More would not be readable on one page."""

_WIDTH: Final = 1640.0
_MARGIN: Final = 28.0
_PLOT_LEFT: Final = 176.0
_PLOT_RIGHT: Final = 1060.0
_NEXT: Final = _PLOT_RIGHT + 22
_ROW: Final = 30.0
_HALF_BAND: Final = 9.0
_ROW_PADDING: Final = 6.0

_SHORT_PHASES: Final = {
    Phase.INFORMATION_GATHERING: Text("情報収集", "Information"),
    Phase.SUMMER_REVIEW: Text("見積", "Quotes"),
    Phase.BUDGET_POLICY: Text("方針", "Policy"),
    Phase.DEPARTMENT_REQUESTS: Text("要求", "Requests"),
    Phase.FINANCE_ASSESSMENT: Text("財政課査定", "Assessment"),
    Phase.HEAD_ASSESSMENT: Text("首長査定", "Head"),
    Phase.DELIBERATION: Text("議会", "Council"),
    Phase.EXECUTION_PREPARATION: Text("準備", "Prep."),
}
"""As they fit into a band."""

_FILLS: Final = (
    ("phase", Text("段階（見込み）", "Phase (likely)")),
    ("current", Text("現在の段階", "Current phase")),
    ("deadline", Text("次の締切の見込みの幅", "Window of the next deadline")),
    ("uncertain", Text("段階が前後する可能性のある期間", "Days whose phase is not certain")),
)
_NOBODY: Final = Text("該当する自治体はありません。", "No municipality to show.")
_NEXT_TITLE: Final = Text("次の締切", "Next deadline")


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """One municipality's year."""

    name: Text | str
    calendar: BudgetCalendar
    prefecture: str = ""
    """Written beside the name where there is room: there are two 府中市."""
    following: BudgetCalendar | None = None
    """The year after it, as far as it is known: near the end of a year the next deadline is there.
    """


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many fit what was asked for and are not in the picture."""

    behind: int = 0
    """In order behind the last one shown."""
    without_calendar: int = 0
    """Followed, but no calendar of that day's year has been opened (yet)."""


_ALL_SHOWN: Final = LeftOut()


def overview_svg(
    rows: Sequence[OverviewRow],
    today: date,
    language: Language = "ja",
    *,
    deadlines: Collection[MilestoneKind] = DEADLINES,
    left_out: LeftOut = _ALL_SHOWN,
) -> str:
    """The years of up to 50 municipalities, in the order given; all of one fiscal year.

    Args:
        rows: the municipalities; none gives a picture that says so.
        today: the day that it is drawn as of, which need not be today: marks the phase that holds
            and which deadline is next.
        language: of all texts.
        deadlines: the kinds of milestones of which the next one is shown.
        left_out: is said, so that nobody takes a part for the whole.

    Raises:
        RefusedError: more than 50 rows (``too_many_rows``), or rows of several fiscal years
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
    scene.text(_MARGIN, 68, Run(_subtitle(len(rows), left_out.behind, today, language), 13, MUTED))
    axis_top = 110.0
    top = axis_top + 26
    bottom = top + max(len(rows), 1) * _ROW + 2 * _ROW_PADDING
    for number in range(0, len(rows), 2):
        above = top + _ROW_PADDING + number * _ROW
        scene.rect(_MARGIN, above, _WIDTH - _MARGIN, above + _ROW, fill=STRIPE)
    scene.text(
        _NEXT, axis_top + 13, Run(in_language(_NEXT_TITLE, language), 12.5, MUTED, bold=True)
    )
    draw_grid(scene, axis, axis_top, bottom)
    for y in (top, bottom):
        scene.line(_MARGIN, y, _WIDTH - _MARGIN, y, stroke=RULE, stroke_width=1)
    middles = [top + _ROW_PADDING + (number + 0.5) * _ROW for number in range(len(rows))]
    for row, middle in zip(rows, middles, strict=True):
        _bands(scene, axis, row, (middle, today), language)
    shown_day = short_day(today, language)
    flag = f"{shown_day} 現在" if language == "ja" else f"As of {shown_day}"
    draw_day(scene, axis, today, (axis_top, bottom), flag)
    draw_months(scene, axis, axis_top, language)
    for row, middle in zip(rows, middles, strict=True):
        _names(scene, axis, row, (middle, today), language)
        coming = next_deadline(row, today, deadlines)
        _next(scene, axis, coming, (middle, today), language)
    if not rows:
        scene.text(
            _MARGIN + 8, (top + bottom) / 2, Run(in_language(_NOBODY, language), 12.5, MUTED)
        )
    at = draw_bases(scene, _MARGIN, bottom + 14, language)
    at = draw_fills(scene, _MARGIN, at, _FILLS, language)
    notes = _notes(left_out, language)
    at = draw_notes(scene, _MARGIN, _WIDTH - _MARGIN, at + 8, notes, language)
    description = _description(rows, today, deadlines, language)
    return scene, scene.svg((_WIDTH, at + 18), title, description, language)


def next_deadline(
    row: OverviewRow, today: date, deadlines: Collection[MilestoneKind] = DEADLINES
) -> Milestone | None:
    """The first milestone of those kinds that is likely today or later, of either year."""
    years = (row.calendar, row.following) if row.following else (row.calendar,)
    coming = (
        each
        for year in years
        for each in year.milestones
        if each.kind in deadlines and each.likely >= today
    )
    return min(coming, key=lambda each: (each.likely, each.key), default=None)


def _fiscal_year(rows: Sequence[OverviewRow], today: date) -> int:
    if len(rows) > MOST_ROWS:
        raise RefusedError(
            f"a picture shows up to {MOST_ROWS} municipalities, not {len(rows)}; filter them or "
            "ask for the list",
            field="codes",
            code="too_many_rows",
        )
    years = sorted({row.calendar.fiscal_year for row in rows})
    if len(years) > 1:
        raise RefusedError(
            f"a picture shows one fiscal year, not {', '.join(map(str, years))}",
            field="fiscal_year",
            code="several_fiscal_years",
        )
    return years[0] if years else fiscal_year_of(today)


def _title(fiscal_year: int, language: Language) -> str:
    if language == "ja":
        return f"{japanese_name(fiscal_year)} 予算編成の状況一覧"
    return f"Budget years at a glance: fiscal year {fiscal_year} ({japanese_name(fiscal_year)})"


def _subtitle(shown: int, behind: int, today: date, language: Language) -> str:
    day = full_day(today, language)
    if language == "ja":
        of_how_many = f"該当{shown + behind}団体のうち先頭の" if behind else ""
        return f"{of_how_many}{shown}団体　｜　{day}現在"
    bodies = "1 municipality" if shown == 1 else f"{shown} municipalities"
    first_of = f"The first {shown} of {shown + behind} municipalities" if behind else bodies
    return f"{first_of}   |   As of {day}"


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


def _bands(
    scene: Scene,
    axis: DayAxis,
    row: OverviewRow,
    middle_and_today: tuple[float, date],
    language: Language,
) -> None:
    middle, today = middle_and_today
    top, bottom = middle - _HALF_BAND, middle + _HALF_BAND
    for span in row.calendar.phases:
        days = (span.begins.window.likely, span.ends.likely)
        name = in_language(PHASES[span.phase], language)
        with scene.tooltip(
            f"{tooltip_of(name, span.begins, language)}\n{short_span(*days, language)}"
        ):
            scene.rect(
                axis.begins(days[0]), top, axis.ends(days[1]), bottom,
                fill=CURRENT if days[0] <= today <= days[1] else BAND, stroke=PAPER, stroke_width=1,
            )  # fmt: skip
    for first, last in uncertain_days([span.begins.window for span in row.calendar.phases]):
        hatched(scene, axis.begins(first), axis.ends(last), middle, _HALF_BAND)


def _names(
    scene: Scene,
    axis: DayAxis,
    row: OverviewRow,
    middle_and_today: tuple[float, date],
    language: Language,
) -> None:
    """The municipality's name, and those of the phases that are long enough to hold them."""
    middle, today = middle_and_today
    name = in_language(row.name, language)
    with scene.tooltip(f"{name} {row.prefecture} ({row.calendar.code})"):
        room = _PLOT_LEFT - _MARGIN - 18
        written = [Run(shortened(name, 13, room), 13, INK, bold=True)]
        where = Run(f"  {row.prefecture}", 10, MUTED)
        if row.prefecture not in {"", name} and run_width([*written, where]) <= room:
            written.append(where)
        scene.text(_MARGIN + 8, middle, *written)
    for span in row.calendar.phases:
        begins, ends = axis.begins(span.begins.window.likely), axis.ends(span.ends.likely)
        current = span.begins.window.likely <= today <= span.ends.likely
        run = Run(in_language(_SHORT_PHASES[span.phase], language), 10.5, INK, bold=current)
        if run.width + 6 <= ends - begins:
            scene.text((begins + ends) / 2, middle, run, anchor="middle", halo=True)


def _next(
    scene: Scene,
    axis: DayAxis,
    milestone: Milestone | None,
    middle_and_today: tuple[float, date],
    language: Language,
) -> None:
    """The next deadline: marked on the row, its window below the band, written beside it."""
    middle, today = middle_and_today
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
        Run(f"  {short_day(window.likely, language)}", 12, bold=True),
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


def _description(
    rows: Sequence[OverviewRow],
    today: date,
    deadlines: Collection[MilestoneKind],
    language: Language,
) -> str:
    """What the picture shows, for those who can't see it."""
    written = []
    for row in rows:
        calendar = row.calendar
        about = []
        if first_day(calendar.fiscal_year) <= today <= last_day(calendar.fiscal_year):
            about.append(in_language(PHASES[calendar.phase_on(today).phase], language))
        if coming := next_deadline(row, today, deadlines):
            label = in_language(label_of(coming), language)
            about.append(f"{label} {short_day(coming.likely, language)}")
        written.append(f"{in_language(row.name, language)}: {', '.join(about) or '–'}")
    return "; ".join(written) or in_language(_NOBODY, language)
