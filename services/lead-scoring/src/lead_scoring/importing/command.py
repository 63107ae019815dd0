"""``lead-scoring import FILE --mapping M.yaml``."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Self

import typer
from pydantic import ValidationError
from rich.console import Console
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

from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.errors import TransientError
from kakehashi_common.messaging.cloudevents import Outgoing
from kakehashi_common.messaging.settings import KafkaSettings
from kakehashi_common.settings import load
from lead_scoring.client.settings import ImportSettings
from lead_scoring.collecting import LeadEventPublisher
from lead_scoring.importing import rows
from lead_scoring.importing.mapping import Rejection, RowMapping
from lead_scoring.importing.mapping_file import MappingDocument, MappingFileError, read_mapping
from lead_scoring.importing.row_reader import RowReader, UnreadableFileError
from lead_scoring.importing.rows import (
    Checkpoint,
    RejectionReport,
    RejectionSink,
    RejectionSummary,
    TooManyRejectedError,
    Totals,
    import_rows,
)

FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130
GO_ON = "Run the same command again to go on from here."
ACKNOWLEDGED_WITHIN = timedelta(minutes=5)
"""How long the broker may be away before an import gives up; nobody waits for an answer here."""

SHOWN_REASONS = 12
"""Groups of rejected lines on the screen; the report file has every line."""

_FILE = typer.Argument(help="CSV or NDJSON, plain or gzip.", exists=True, dir_okay=False)
_MAPPING = typer.Option("--mapping", "-m", help="YAML that says what a line means.", exists=True)
_SERVERS = typer.Option(help="Kafka; LEAD_SCORING_KAFKA__BOOTSTRAP_SERVERS if left out.")
_REPORT = typer.Option(help="Write rejected lines here: CSV by its suffix, NDJSON otherwise.")
_MOST = typer.Option(min=0, help="Stop, with exit code 1, once more lines are rejected.")
_CHECKPOINT = typer.Option(
    help="Remembers where to go on; FILE.import.json if left out, deleted by --restart."
)
_RESTART = typer.Option("--restart", help="Begin anew; lines imported before count once.")
_DRY = typer.Option("--dry-run", help="Map and check everything, publish nothing.")


@dataclass(frozen=True, slots=True)
class _Job:
    """What one call of the command is to do."""

    file: Path
    document: MappingDocument
    kafka: KafkaSettings
    topic_prefix: str
    place: Checkpoint
    report: Path | None
    max_rejected: int
    dry_run: bool


def import_file(  # noqa: PLR0913 - the options of a command
    file: Annotated[Path, _FILE],
    mapping: Annotated[Path, _MAPPING],
    *,
    bootstrap_servers: Annotated[str | None, _SERVERS] = None,
    report: Annotated[Path | None, _REPORT] = None,
    max_rejected: Annotated[int, _MOST] = 1_000,
    checkpoint: Annotated[Path | None, _CHECKPOINT] = None,
    restart: Annotated[bool, _RESTART] = False,
    dry_run: Annotated[bool, _DRY] = False,
) -> None:
    """Import a file of what leads did into Kafka.

    Any column layout will do: the mapping says what a line means (see examples/README.md). An
    import that was stopped goes on where it was when it is started again, and no line counts
    twice.
    """
    console = Console(stderr=True)
    text, document = _document(console, mapping)
    settings = load(ImportSettings)
    kafka = _kafka(settings.kafka, bootstrap_servers)
    place = Checkpoint(
        path=checkpoint or file.with_name(f"{file.name}.import.json"),
        imported=file,
        mapping_text=text,
        target=f"{kafka.bootstrap_servers}/{settings.topic_prefix}{LEAD_EVENTS.name}",
    )
    if not dry_run and not os.access(place.path.parent, os.W_OK):
        console.print(
            f"{place.path.parent} can't be written, and an import remembers there how far it is:"
            " name another place with --checkpoint",
            highlight=False,
        )
        raise typer.Exit(WRONG_USE)
    if dry_run and report is not None and report.exists() and place.path.exists():
        console.print(
            f"{report} may be the report of the import that {place.path} remembers, and a dry run"
            " changes nothing: name another file with --report",
            highlight=False,
        )
        raise typer.Exit(WRONG_USE)
    if restart and not dry_run:
        place.path.unlink(missing_ok=True)
    prefix = settings.topic_prefix
    job = _Job(file, document, kafka, prefix, place, report, max_rejected, dry_run)
    raise typer.Exit(_run(job, console))


def _kafka(settings: KafkaSettings, bootstrap_servers: str | None) -> KafkaSettings:
    if bootstrap_servers is None:
        return settings
    stated = settings.model_dump() | {"bootstrap_servers": bootstrap_servers}
    try:
        return KafkaSettings.model_validate(stated)
    except ValidationError:
        raise typer.BadParameter(f"{bootstrap_servers}: give host:port[,host:port …]") from None


def _document(console: Console, path: Path) -> tuple[str, MappingDocument]:
    """The mapping file's text and what it says; ends the command if it can't be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return text, read_mapping(text)
    except UnicodeDecodeError:
        problems = ["it is not UTF-8"]
    except MappingFileError as error:
        problems = [str(problem) for problem in error.problems]
    console.print(f"[red]{path} can't be used:[/]")
    for problem in problems:
        console.print(f"  {escape(problem)}", highlight=False)
    raise typer.Exit(WRONG_USE)


def _run(job: _Job, console: Console) -> int:
    """Do it and say what came of it; the exit code."""
    summary = RejectionSummary()
    try:
        with ExitStack() as stack:
            sinks: list[RejectionSink] = [summary]
            done = None if job.dry_run else job.place.load()
            if done:
                console.print(
                    f"Going on after {done[0].rows:,} lines that were imported before and are"
                    " counted below; --restart begins anew.",
                    highlight=False,
                )
            if job.report is not None:
                kept = done[1] if done else 0
                sinks.append(stack.enter_context(RejectionReport(job.report, kept)))
            reader = stack.enter_context(RowReader(job.file, job.document))
            bar = stack.enter_context(ImportProgress(console, job.file, reader.total_bytes))
            work = _check if job.dry_run else _publish
            totals = asyncio.run(work(job, reader, sinks, bar))
    except TooManyRejectedError as error:
        show_totals(console, error.totals, summary, dry_run=job.dry_run)
        console.print(f"[red]Stopped:[/] more than {job.max_rejected:,} lines were rejected")
        return FAILED
    except (UnreadableFileError, TransientError, OSError) as error:
        console.print(f"[red]Stopped:[/] {escape(str(error))}", highlight=False)
        if isinstance(error, TransientError):
            console.print(GO_ON)
        return FAILED
    except KeyboardInterrupt:
        console.print(f"Stopped. {GO_ON}")
        return INTERRUPTED
    show_totals(console, totals, summary, dry_run=job.dry_run)
    return FAILED if totals.rejected > job.max_rejected else 0


async def _publish(
    job: _Job, reader: RowReader, sinks: list[RejectionSink], bar: "ImportProgress"
) -> Totals:
    publisher = LeadEventPublisher(
        job.kafka, topic_prefix=job.topic_prefix, acknowledged_within=ACKNOWLEDGED_WITHIN
    )
    try:
        return await import_rows(
            reader,
            RowMapping(job.document, datetime.now(UTC)),
            publisher.publish,
            sinks=sinks,
            checkpoint=job.place,
            max_rejected=job.max_rejected,
            on_progress=bar.show,
        )
    finally:
        await publisher.close()


async def _check(
    job: _Job, reader: RowReader, sinks: list[RejectionSink], bar: "ImportProgress"
) -> Totals:
    """Map everything and publish nothing."""

    async def keep_to_ourselves(_: Sequence[Outgoing]) -> None:
        return

    return await import_rows(
        reader,
        RowMapping(job.document, datetime.now(UTC)),
        keep_to_ourselves,
        sinks=sinks,
        checkpoint=None,
        max_rejected=job.max_rejected,
        on_progress=bar.show,
    )


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


def show_totals(
    console: Console, totals: Totals, summary: RejectionSummary, *, dry_run: bool = False
) -> None:
    """Print what came of an import, with the reasons of rejected lines."""
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(justify="right")
    table.add_column()
    table.add_row(f"{totals.rows:,}", "records read")
    table.add_row(f"{totals.events:,}", "events would be published" if dry_run else "events sent")
    if totals.unmatched:
        table.add_row(f"{totals.unmatched:,}", "lines that no rule of the mapping names")
    style = "red" if totals.rejected else "green"
    table.add_row(f"[{style}]{totals.rejected:,}[/]", "lines rejected")
    console.print(table)
    show_rejections(console, summary)


def show_rejections(console: Console, summary: RejectionSummary) -> None:
    """Print why lines were rejected, the most frequent reasons first; nothing if none was."""
    if not summary.groups:
        return
    reasons = Table("lines", "where", "column", "reason", box=None, padding=(0, 1))
    groups = sorted(summary.groups.items(), key=lambda group: -group[1].lines)
    for (column, _), group in groups[:SHOWN_REASONS]:
        for n, example in enumerate(group.examples):
            count, named = (f"{group.lines:,}", escape(column or "–")) if n == 0 else ("", "")
            reasons.add_row(count, _where(example), named, escape(example.reason))
    console.print(reasons)
    hidden = sum(group.lines for _, group in groups[SHOWN_REASONS:]) + summary.others
    if hidden:
        console.print(f"… and {hidden:,} more lines with other reasons (see --report)")


def _where(rejection: Rejection) -> str:
    if rejection.last_line is None:
        return f"line {rejection.line}"
    return f"lines {rejection.line}–{rejection.last_line}"
