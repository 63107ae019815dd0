"""Shows an import's progress and result in the terminal."""

from pathlib import Path
from typing import Self

from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from kakehashi_common.contracts.texts import visible
from kakehashi_common.terminal import Console
from lead_scoring.importer import rows
from lead_scoring.importer.event_check import Checked
from lead_scoring.importer.rejections import RejectionSummary
from lead_scoring.importer.row import Rejection
from lead_scoring.importer.totals import Totals

SHOWN_REASONS = 12
"""Groups of rejected lines on the screen; the report file has every line."""


class ImportProgress:
    """The bar: how much of the file, how many lines, how fast, how many rejected."""

    def __init__(self, console: Console, file: Path, total_bytes: int) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[lines]:,} lines  {task.fields[rate]:,.0f}/s"),
            TextColumn("[red]{task.fields[rejected]}[/]"),
            TimeRemainingColumn(),
            console=console,
        )
        self._name = file.name
        self._total = total_bytes
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        self._task = self._progress.add_task(
            self._name, total=self._total, lines=0, rate=0.0, rejected=""
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, at: rows.Progress) -> None:
        """Move the bar."""
        assert self._task is not None  # noqa: S101 - only inside the context
        task = self._progress.tasks[0]
        done = at.totals.rows - at.resumed_rows
        self._progress.update(
            self._task,
            completed=at.bytes_read,
            lines=at.totals.rows,
            rate=done / task.elapsed if task.elapsed else 0.0,
            rejected=f"{at.totals.rejected:,} rejected" if at.totals.rejected else "",
        )

    def show_checked(self, checked: Checked) -> None:
        """Say how far the service is asked."""
        assert self._task is not None  # noqa: S101 - only inside the context
        asked = checked.counted + checked.conflicts + checked.missing
        self._progress.update(self._task, description=f"{self._name}: {asked:,} looked up")


def show_totals(
    console: Console,
    totals: Totals,
    summary: RejectionSummary,
    checked: Checked | None = None,
    *,
    dry_run: bool = False,
) -> None:
    """Print what came of an import, with the reasons of rejected lines."""
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(justify="right")
    table.add_column()
    table.add_row(f"{totals.rows:,}", "records read")
    table.add_row(f"{totals.events:,}", "events would be published" if dry_run else "events sent")
    if totals.unmatched:
        table.add_row(f"{totals.unmatched:,}", "lines that no rule of the mapping names")
    if checked is not None:
        table.add_row(f"{checked.counted:,}", "events taken in by the service")
    if checked is not None and checked.missing:
        table.add_row(f"[yellow]{checked.missing:,}[/]", "events that it does not have yet")
    if totals.conflicts:
        table.add_row(f"[red]{totals.conflicts:,}[/]", "lines in conflict")
    style = "red" if totals.rejected else "green"
    table.add_row(f"[{style}]{totals.rejected:,}[/]", "lines rejected")
    console.print(table)
    show_rejections(console, summary)


def show_rejections(console: Console, summary: RejectionSummary) -> None:
    """Print why lines were rejected or are in conflict, if any: the most frequent reasons first."""
    if not summary.groups:
        return
    reasons = Table("lines", "where", "column", "reason", box=None, padding=(0, 1))
    groups = sorted(summary.groups.items(), key=lambda group: -group[1].lines)
    for (column, _), group in groups[:SHOWN_REASONS]:
        for n, example in enumerate(group.examples):
            count, named = (
                (f"{group.lines:,}", escape(visible(column or "–"))) if n == 0 else ("", "")
            )
            reasons.add_row(count, _where(example), named, escape(visible(example.reason)))
    console.print(reasons)
    hidden = sum(group.lines for _, group in groups[SHOWN_REASONS:]) + summary.others
    if hidden:
        console.print(f"… and {hidden:,} more lines with other reasons (see --report)")


def _where(rejection: Rejection) -> str:
    if rejection.last_line is None:
        return f"line {rejection.line}"
    return f"lines {rejection.line}–{rejection.last_line}"
