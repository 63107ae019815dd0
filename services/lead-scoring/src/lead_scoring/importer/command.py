"""``lead-scoring import FILE --mapping M.yaml``."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import asyncpg
import typer
from pydantic import ValidationError
from rich.markup import escape

from kakehashi_common import yaml_reader
from kakehashi_common.clock import TOKYO
from kakehashi_common.cloudevents.codec import Outgoing
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.settings import DatabaseSettings, load
from kakehashi_common.terminal import Console
from lead_scoring.client.settings import ImportSettings
from lead_scoring.collector.service import LeadEventPublisher
from lead_scoring.importer.checkpoint import Checkpoint, Done
from lead_scoring.importer.event_check import Checked, check_events
from lead_scoring.importer.mapping import RowMapping
from lead_scoring.importer.mapping_document import MappingDocument
from lead_scoring.importer.mapping_file import MappingFileError, read_mapping
from lead_scoring.importer.rejections import RejectionReport, RejectionSink, RejectionSummary
from lead_scoring.importer.row_reader import RowReader, UnreadableFileError
from lead_scoring.importer.rows import TooManyRejectedError, import_rows
from lead_scoring.importer.screen import ImportProgress, show_totals
from lead_scoring.importer.totals import Totals

FAILED = 1
WRONG_USE = 2
INTERRUPTED = 130
GO_ON = "Run the same command again to go on from here."
ACKNOWLEDGE_TIMEOUT = timedelta(minutes=5)
"""Time limit for the broker's acknowledgement; long, since no request waits here."""

_FILE = typer.Argument(help="CSV or NDJSON, plain or gzip.", exists=True, dir_okay=False)
_MAPPING = typer.Option("--mapping", "-m", help="YAML that says what a line means.", exists=True)
_SERVERS = typer.Option(help="Kafka; LEAD_SCORING_KAFKA__BOOTSTRAP_SERVERS if left out.")
_REPORT = typer.Option(help="Write rejected lines here: CSV by its suffix, NDJSON otherwise.")
_MOST = typer.Option(min=0, help="Stop, with exit code 1, once more lines are rejected.")
_CHECKPOINT = typer.Option(
    help="Remembers where to go on; FILE.import.json if left out, deleted by --restart."
)
_RESTART = typer.Option(
    "--restart", help="Start from the beginning; lines imported before count once."
)
_DRY = typer.Option("--dry-run", help="Map and check everything, publish nothing.")
_EXPORTED = typer.Option(
    help="When the file was exported (in Japan's time), for a mapping that dates by the export;"
    " the time of its last change if left out."
)
_WAIT = typer.Option(
    min=0,
    help="Seconds to wait at the end for the service to count the events, as long as some arrive;"
    " 0 does not ask.",
)


@dataclass(frozen=True, slots=True)
class _Job:
    """The options of one call of the command."""

    file: Path
    document: MappingDocument
    kafka: KafkaSettings
    topic_prefix: str
    place: Checkpoint
    report: Path | None
    max_rejected: int
    dry_run: bool
    exported_at: datetime
    database: DatabaseSettings | None
    patience: timedelta


@dataclass(slots=True)
class _Outcome:
    """The result of one call."""

    totals: Totals
    checked: Checked | None = None
    unchecked: str | None = None
    """The reason why the service was not asked whether it counted the events."""


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
    exported_at: Annotated[str | None, _EXPORTED] = None,
    wait: Annotated[int, _WAIT] = 60,
) -> None:
    """Import a file of what leads did into Kafka.

    Any column layout will do: the mapping says what a line means (see examples/README.md). An
    import that was stopped goes on where it was when it is started again, and no line counts
    twice. At the end it asks the service's database which events were counted, and names the lines
    of those that were not since their ids are known with other content.
    """
    console = Console(stderr=True)
    text, document = _document(console, mapping)
    settings = load(ImportSettings)
    kafka = _kafka(settings.kafka, bootstrap_servers)
    exported = _exported_at(exported_at, file)
    if document.dated_by_export:
        day = exported.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M")
        whence = "" if exported_at else ", when the file was last changed (see --exported-at)"
        console.print(f"The export is dated {day}{whence}.", highlight=False)
        text += f"\n{exported.isoformat()}"
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
    job = _Job(
        file=file,
        document=document,
        kafka=kafka,
        topic_prefix=prefix,
        place=place,
        report=report,
        max_rejected=max_rejected,
        dry_run=dry_run,
        exported_at=exported,
        database=settings.database,
        patience=timedelta(seconds=wait),
    )
    raise typer.Exit(_run(job, console))


def _exported_at(stated: str | None, file: Path) -> datetime:
    """Return when ``file`` was exported, in UTC; a day begins in Japan."""
    if stated is None:
        return datetime.fromtimestamp(int(file.stat().st_mtime), tz=UTC)
    try:
        instant = datetime.fromisoformat(stated)
    except ValueError:
        raise typer.BadParameter(
            f"--exported-at {stated}: give a day or a time, such as 2026-11-21 or 2026-11-21T09:00"
        ) from None
    return (instant if instant.tzinfo else instant.replace(tzinfo=TOKYO)).astimezone(UTC)


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
        text = yaml_reader.text_of(path)
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
    """Run the import and print its result; return the exit code."""
    summary = RejectionSummary()
    try:
        with ExitStack() as stack:
            sinks: list[RejectionSink] = [summary]
            done = None if job.dry_run else job.place.load()
            if done:
                console.print(
                    f"Going on after {done.totals.rows:,} lines that were imported before and are"
                    " counted below; --restart starts from the beginning.",
                    highlight=False,
                )
            if job.report is not None:
                kept = done.report_bytes if done else 0
                sinks.append(stack.enter_context(RejectionReport(job.report, kept)))
            reader = stack.enter_context(RowReader(job.file, job.document))
            bar = stack.enter_context(ImportProgress(console, job.file, reader.total_bytes))
            work = _check if job.dry_run else _publish
            outcome = asyncio.run(work(job, reader, sinks, bar))
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
    show_totals(console, outcome.totals, summary, outcome.checked, dry_run=job.dry_run)
    _show_unfinished(console, outcome)
    return FAILED if outcome.totals.lines_lost > job.max_rejected else 0


def _show_unfinished(console: Console, outcome: _Outcome) -> None:
    if outcome.unchecked is not None:
        console.print(
            f"Whether the service counts them was not checked: {escape(outcome.unchecked)}",
            highlight=False,
        )
    if outcome.checked is not None and outcome.checked.missing:
        console.print(
            "The consumer is behind or away, or has set events aside (see `python -m"
            " kakehashi_common.dead_letters list`). The same command looks again.",
            highlight=False,
        )
    if outcome.totals.conflicts:
        console.print(
            "A record that changed needs another id: `snapshot: true` in the mapping, or"
            " `time: export` after an edit of the mapping (see examples/README.md).",
            highlight=False,
        )


async def _publish(
    job: _Job, reader: RowReader, sinks: list[RejectionSink], bar: ImportProgress
) -> _Outcome:
    mapping = RowMapping(job.document, datetime.now(UTC), job.exported_at)
    publisher = LeadEventPublisher(
        job.kafka, topic_prefix=job.topic_prefix, acknowledged_within=ACKNOWLEDGE_TIMEOUT
    )
    try:
        totals = await import_rows(
            reader,
            mapping,
            publisher.publish,
            sinks=sinks,
            checkpoint=job.place,
            max_rejected=job.max_rejected,
            on_progress=bar.show,
        )
    finally:
        await publisher.close()
    if job.database is None or not job.patience:
        unset = "set LEAD_SCORING_DATABASE__URL to the service's database"
        return _Outcome(totals, unchecked=unset if job.patience else None)
    try:
        return await _asked(job, mapping, job.database, sinks, bar)
    except (TransientError, asyncpg.PostgresError, OSError) as error:
        return _Outcome(totals, unchecked=f"the database does not answer: {error}")


async def _asked(
    job: _Job,
    mapping: RowMapping,
    settings: DatabaseSettings,
    sinks: list[RejectionSink],
    bar: ImportProgress,
) -> _Outcome:
    """Ask the service's database what became of the events, and remember the answer."""
    done = job.place.load() or Done(Totals())
    database = Database(settings, application="lead-scoring-import")
    try:
        with RowReader(job.file, job.document) as reader:
            checked = await check_events(
                reader,
                mapping,
                database,
                skipped=done.checked,
                patience=job.patience,
                sinks=sinks,
                on_progress=bar.show_checked,
            )
    finally:
        await database.close()
    totals = replace(done.totals, conflicts=done.totals.conflicts + checked.conflicts)
    if not checked.missing:
        report_bytes = max(checked.report_bytes, done.report_bytes)
        job.place.save(Done(totals, report_bytes, checked=totals.rows))
    return _Outcome(totals, checked)


async def _check(
    job: _Job, reader: RowReader, sinks: list[RejectionSink], bar: ImportProgress
) -> _Outcome:
    """Map everything and publish nothing."""

    async def discard(_: Sequence[Outgoing]) -> None:
        return

    totals = await import_rows(
        reader,
        RowMapping(job.document, datetime.now(UTC), job.exported_at),
        discard,
        sinks=sinks,
        checkpoint=None,
        max_rejected=job.max_rejected,
        on_progress=bar.show,
    )
    return _Outcome(totals)
