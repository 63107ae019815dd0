"""A simulation on the screen, as a picture and as JSON."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final

from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, MilestoneKind
from budget_calendar.domain.budget_year.wording import Language, full_day, in_language, short_day
from budget_calendar.domain.fiscal_years import fiscal_year_of, japanese_name
from budget_calendar.domain.money import in_words
from budget_calendar.domain.pursuit.narrative import summary
from budget_calendar.domain.windows import Estimate
from budget_calendar.pictures.events import EventKind, SequenceEvent
from budget_calendar.pictures.sequence import MOST_EVENTS, sequence_svg
from budget_calendar.simulation.bars import bars_of
from budget_calendar.simulation.player import Played
from budget_calendar.simulation.sequence import Line, sure
from kakehashi_common.domain.texts import Text
from kakehashi_common.line_breaks import folded
from kakehashi_common.terminal import Console

SHOWN_ONE_BY_ONE: Final = 6
"""Municipalities whose dates are shown year by year; of more only the numbers."""

_STYLES: Final[Mapping[EventKind, str]] = {
    EventKind.PHASE: "bold cyan",
    EventKind.MILESTONE: "",
    EventKind.STEP: "bold",
    EventKind.SUCCESS: "bold green",
    EventKind.SETBACK: "bold red",
    EventKind.REMINDER: "yellow",
    EventKind.REVISION: "magenta",
}

_GAP: Final = 2
_LEAST_ROOM: Final = 20

_EACH_YEAR: Final = Text("年度ごとのまとめ", "Year by year")
_PURSUITS: Final = Text("案件", "Pursuits")


def show(
    console: Console, played: Played, lines: Sequence[Line], language: Language, *, every: bool
) -> None:
    """Print the sequence year by year, what each year comes to, and where the deals stand.

    Args:
        console: where to.
        played: the simulation.
        lines: of it.
        language: of all texts.
        every: each announcement of a milestone, not only the last before it.
    """
    shown = [line for line in lines if every or line.last_call]
    console.print(f"[bold]{escape(in_language(played.scenario.title, language))}[/]")
    first, last = played.scenario.starts, played.scenario.ends
    between = "〜" if language == "ja" else " – "
    console.print(
        f"{full_day(first, language)}{between}{full_day(last, language)}", highlight=False
    )
    show_sequence(console, played, shown, language)
    if len(shown) < len(lines):
        more = len(lines) - len(shown)
        console.print(
            f"ほかに、より早い時期の予告が{more}件あります（--all で表示）。"
            if language == "ja"
            else f"{more} earlier announcements of the same milestones are left out: see --all.",
            style="dim",
            highlight=False,
        )
    console.print()
    console.rule(f"[bold]{in_language(_EACH_YEAR, language)}", align="left")
    console.print(_years(played, lines, language))
    if played.pursuits:
        show_pursuits(console, played, language)


def show_sequence(
    console: Console, played: Played, lines: Iterable[Line], language: Language
) -> None:
    """Print the lines, one fiscal year after the other."""
    names = _names(played)
    for year, found in groupby(lines, key=lambda line: fiscal_year_of(line.on)):
        console.print()
        console.rule(f"[bold]{_year(year, language)}", align="left")
        console.print(_table(list(found), names, language, console.width))


def show_pursuits(console: Console, played: Played, language: Language) -> None:
    """Print where each deal stands at last."""
    console.print()
    console.rule(f"[bold]{in_language(_PURSUITS, language)}", align="left")
    console.print(_pursuits(played, language))


def picture(played: Played, lines: Iterable[Line], language: Language) -> tuple[str, bool]:
    """The sequence as SVG, and whether it shows all: too many events leave out the milestones.

    Raises:
        DomainError: there are too many events or years for a picture even so.
    """
    names = _names(played)
    wanted = [line for line in lines if line.last_call and line.kind is not EventKind.PHASE]
    chosen = wanted
    if len(wanted) > MOST_EVENTS:
        chosen = [line for line in wanted if line.kind is not EventKind.MILESTONE]
    events = (
        SequenceEvent(
            line.on,
            f"{names[line.code]} {line.pursuit_id}" if line.pursuit_id else names[line.code],
            line.what,
            line.kind,
            sure(line.window, language) if line.window else "",
            folded=bool(played.pursuits) and line.kind is EventKind.MILESTONE,
        )
        for line in chosen
    )
    svg = sequence_svg(events, played.scenario.title, language, bars=bars_of(played))
    return svg, len(chosen) == len(wanted)


def as_json(played: Played, lines: Iterable[Line]) -> dict[str, Any]:
    """Everything, for programs. The same scenario gives the same."""
    scenario = played.scenario
    return {
        "title": _both(scenario.title),
        "starts": str(scenario.starts),
        "ends": str(scenario.ends),
        "municipalities": [each.municipality.code for each in scenario.inputs],
        "events": [_line_as_json(line) for line in lines],
        "pursuits": [
            {
                "id": state.pursuit_id,
                "municipality": state.municipality_code,
                "status": state.status.value,
                "ending": state.ending.value if state.ending else None,
                "route": state.route.id if state.route else None,
                "summary": _both(summary(state)),
            }
            for state in played.pursuits
        ],
        "refused": [{"on": str(each.event.on), "reason": each.refused} for each in played.refused],
    }


def _line_as_json(line: Line) -> dict[str, Any]:
    return {
        "on": str(line.on),
        "municipality": line.code,
        "pursuit": line.pursuit_id,
        "kind": line.kind.value,
        "what": _both(line.what),
        "window": None if line.window is None else line.window.model_dump(mode="json"),
        "reasons": [_both(reason) for reason in line.reasons],
        "last_call": line.last_call,
    }


def _both(text: Text) -> dict[str, str]:
    return {"ja": text.ja, "en": text.en}


def _names(played: Played) -> Mapping[str, str]:
    return {each.municipality.code: each.municipality.name for each in played.scenario.inputs}


def _year(year: int, language: Language) -> str:
    name = japanese_name(year)
    return f"{name}（{year}年度）" if language == "ja" else f"Fiscal year {year} ({name})"


def _table(
    lines: Sequence[Line], names: Mapping[str, str], language: Language, width: int
) -> Table:
    """One fiscal year."""
    days = [_short(line.on, language) for line in lines]
    whose = [line.pursuit_id or names[line.code] for line in lines]
    sures = [sure(line.window, language) if line.window else "" for line in lines]
    taken = sum(max(map(cell_len, column)) + _GAP for column in (days, whose, sures))
    room = max(_LEAST_ROOM, width - taken)
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, show_header=False)
    for style in ("", "", "", "dim"):
        table.add_column(style=style, no_wrap=True)
    before: tuple[date, str] | None = None
    for line, day, who, how_sure in zip(lines, days, whose, sures, strict=True):
        same_day = before is not None and before[0] == line.on
        what = [_styled(in_language(line.what, language), room, _STYLES[line.kind])]
        what += [
            _styled(f"→ {in_language(reason, language)}", room, "green", "  ")
            for reason in line.reasons
        ]
        table.add_row(
            "" if same_day else day,
            "" if same_day and before == (line.on, who) else escape(who),
            "\n".join(what),
            how_sure,
        )
        before = (line.on, who)
    return table


def _styled(text: str, room: int, style: str, indent: str = "") -> str:
    written = escape("\n".join(folded(text, room, indent)))
    return f"[{style}]{written}[/]" if style else written


def _short(day: date, language: Language) -> str:
    weekday = full_day(day, language)
    if language == "ja":
        return f"{short_day(day, 'ja')}{weekday[-3:]}"
    return f"{weekday[:3]} {short_day(day, 'en')}"


_DEADLINE: Final = Text("予算要求締切", "Requests close")
_VOTE: Final = Text("当初予算の議決", "Budget voted")
_ELECTION: Final = Text("首長選挙", "Election")
_SKELETON: Final = Text("骨格予算", "Skeleton")
_ANNOUNCED: Final = Text("予告", "Announced")
_REASONS: Final = Text("接触理由", "Reasons")
_MOVED: Final = Text("変更", "Moved")


def _years(played: Played, lines: Sequence[Line], language: Language) -> Table:
    """One row for each year, and each municipality where these are few."""
    one_by_one = len(played.scenario.inputs) <= SHOWN_ONE_BY_ONE
    columns = [Text("年度", "Year")]
    if one_by_one:
        columns += [Text("自治体", "Municipality"), _DEADLINE, _VOTE, _ELECTION, _SKELETON]
    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(in_language(column, language), no_wrap=True)
    for column in (_ANNOUNCED, _REASONS, _MOVED):
        table.add_column(in_language(column, language), justify="right")
    for year in sorted({fiscal_year_of(line.on) for line in lines}):
        found = [line for line in lines if fiscal_year_of(line.on) == year]
        if not one_by_one:
            table.add_row(str(year), *_counts(found))
            continue
        for code, name in _names(played).items():
            mine = [line for line in found if line.code == code]
            dates = _dates(played.calendars[code, year], language)
            table.add_row(str(year), name, *dates, *_counts(mine))
    return table


def _counts(lines: Sequence[Line]) -> tuple[str, str, str]:
    kinds = Counter(line.kind for line in lines if line.pursuit_id is None)
    reasons = sum(len(line.reasons) for line in lines)
    announced = kinds[EventKind.PHASE] + kinds[EventKind.MILESTONE]
    return f"{announced:,}", f"{reasons:,}", f"{kinds[EventKind.REVISION]:,}"


def _dates(calendar: BudgetCalendar, language: Language) -> tuple[str, str, str, str]:
    def day(kind: MilestoneKind) -> str:
        milestone = calendar.milestone(kind)
        return "–" if milestone is None else _plus_minus(milestone.estimate, language)

    skeleton = "–" if calendar.skeleton is None else f"{calendar.skeleton.probability:.0%}"
    return (
        day(MilestoneKind.REQUEST_DEADLINE),
        day(MilestoneKind.BUDGET_VOTE),
        day(MilestoneKind.HEAD_ELECTION),
        skeleton,
    )


def _plus_minus(estimate: Estimate, language: Language) -> str:
    """``10/30 −4+3``: the likely day, and how many days earlier or later it may be."""
    window = estimate.window
    day = short_day(window.likely, language)
    if window.days == 1:
        return day
    earlier, later = window.likely - window.earliest, window.latest - window.likely
    return f"{day} −{earlier.days}+{later.days}"


def _pursuits(played: Played, language: Language) -> Table:
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_header=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    table.add_column(overflow="fold")
    for state in played.pursuits:
        table.add_row(
            escape(state.pursuit_id),
            in_language(in_words(state.goal.amount), language),
            escape(in_language(summary(state), language)),
        )
    return table
