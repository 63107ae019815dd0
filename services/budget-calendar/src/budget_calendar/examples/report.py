"""Print the demo's results."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from rich.cells import cell_len
from rich.markup import escape
from rich.table import Table

from budget_calendar.council_sessions.files import SessionFiles
from budget_calendar.domain.budget_year.labels import PHASES, label_of_key
from budget_calendar.domain.budget_year.scheduled_events import LONGEST_LEAD
from budget_calendar.domain.budget_year.wording import short_span
from budget_calendar.domain.fiscal_years import japanese_name
from budget_calendar.simulation.sequence import sure
from kakehashi_common.contracts.budget_phases import DateWindow
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.line_breaks import folded
from kakehashi_common.terminal import Console

CYCLE: Final = "MunicipalBudgetCycleWorkflow"

_PROBLEMS: Final = 3
_NEXT: Final = 5
_BAR: Final = 30
_GAP: Final = 2
_DAY: Final = len("Fri 30 Oct 2026")


def show_sessions(console: Console, read: SessionFiles, stored: int) -> None:
    """Print the numbers of an import, and the first problems."""
    console.print()
    console.rule("[bold]Kiryu's council sessions, as the council published them", align="left")
    console.print(
        f"{stored} sessions of {read.files} files stored; {len(read.problems)} values could not be "
        "read, or not as they stand:",
        highlight=False,
    )
    for problem in read.problems[:_PROBLEMS]:
        value = problem.value.replace("\n", "⏎")
        console.print(
            f"  [yellow]{escape(problem.file)}[/] {escape(value)}: {escape(problem.reason)}",
            highlight=False,
        )


def show_calendar(console: Console, calendar: dict[str, Any], year: int) -> None:
    """The milestones that a seller acts on, with their windows and how they are known."""
    console.print()
    console.rule(
        f"[bold]Kiryu (桐生市), fiscal year {year} ({japanese_name(year)}): what a seller acts on",
        align="left",
    )
    wanted = [each for each in calendar["milestones"] if each["kind"] in LONGEST_LEAD]
    windows = [DateWindow.model_validate(each["window"]) for each in wanted]
    bases = [sure(window, "en") for window in windows]
    room = console.width - _DAY - max(map(len, bases)) - 2 * _GAP
    table = _days_table()
    standing = calendar["standing"]
    rows = [(date.fromisoformat(standing["day"]), standing["label"], "today", "bold green")]
    rows += [
        (window.likely, each["label"], how, "")
        for each, window, how in zip(wanted, windows, bases, strict=True)
    ]
    for day, label, how, style in sorted(rows, key=lambda row: row[0]):
        lines = _in_both(label["ja"], label["en"], room)
        table.add_row(_day(day), "\n".join(lines), how, style=style)
    console.print(table)


def show_prefecture(
    console: Console, prefecture: str, new: int, followed: int, took: float
) -> None:
    """Print how many municipalities are followed."""
    console.print()
    console.rule(f"[bold]All of Gunma ({prefecture}) followed", align="left")
    said = f"{new} of them new" if new else "all of them before"
    console.print(
        f"{followed} local governments followed, {said}; a workflow runs for each: {took:.1f} s.",
        highlight=False,
    )


def show_standings(console: Console, standings: Sequence[dict[str, Any]]) -> None:
    """Print how many are in which phase, and whose next deadline comes first."""
    phases = Counter(each["phase"] for each in standings)
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(justify="right", style="bold")
    for phase in BudgetPhase:
        if phases[phase]:
            bar = "█" * max(1, round(phases[phase] / len(standings) * _BAR))
            name = PHASES[phase]
            table.add_row(f"{phases[phase]}", name.ja, name.en, f"[cyan]{bar}[/]")
    console.print(table)
    console.print("\nWhose deadline comes next:", highlight=False)
    coming = [(each["name"], each["next"]) for each in standings[:_NEXT] if each["next"]]
    bases = [_span(milestone) for _, milestone in coming]
    room = console.width - _DAY - max(map(len, bases), default=0) - 2 * _GAP
    table = _days_table()
    for (name, milestone), how in zip(coming, bases, strict=True):
        label = label_of_key(milestone["key"])
        lines = _in_both(f"{name}  {label.ja}", label.en, room)
        table.add_row(_day(date.fromisoformat(milestone["likely"])), "\n".join(lines), how)
    console.print(table)


def _in_both(ja: str, en: str, room: int) -> list[str]:
    """One line where both languages fit, else one below the other."""
    both = f"{ja}  {en}"
    if cell_len(both) <= room:
        return [both]
    return [*folded(ja, room, "  "), *folded(f"  {en}", room, "  ")]


def _span(milestone: dict[str, Any]) -> str:
    """``18 Nov – 16 Dec, practice``."""
    earliest, latest = (date.fromisoformat(milestone[day]) for day in ("earliest", "latest"))
    return f"{short_span(earliest, latest, 'en')}, {milestone['basis']}"


def _days_table() -> Table:
    """A day, what it is about, and how it is known."""
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, show_header=False)
    for style in ("", "", "dim"):
        table.add_column(style=style, no_wrap=True)
    return table


def _day(day: date) -> str:
    return f"{day:%a %d %b %Y}"
