"""Recorded leads through the broker, in their own time, and judged by what became of them."""

import asyncio
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from pydantic import TypeAdapter
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from kakehashi_common.contracts.events import Event, EventData
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.settings import load
from kakehashi_common.terminal import Console
from kakehashi_common.yaml_reader import text_of
from lead_scoring.client.backlog import NotDrainedError, Waiting, backlog
from lead_scoring.collector.service import LeadEventPublisher
from lead_scoring.domain.days import japan_day
from lead_scoring.domain.decision import lead_as_of
from lead_scoring.domain.lead import Fact
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.importer.mapping import RowMapping
from lead_scoring.importer.mapping_document import MappingDocument
from lead_scoring.importer.mapping_file import MappingFileError, read_mapping
from lead_scoring.importer.rejections import RejectionSummary
from lead_scoring.importer.row_reader import RowReader, UnreadableFileError
from lead_scoring.importer.rows import Progress as ImportProgress
from lead_scoring.importer.rows import Publish, import_rows
from lead_scoring.importer.totals import Totals
from lead_scoring.replay.evaluation import judge, split_by_registration, verdict
from lead_scoring.replay.report import Judgement, Passage, show_judgement, show_passage
from lead_scoring.replay.repository import histories, stored_scores
from lead_scoring.replay.sandbox import Sandbox, SandboxError, sandbox
from lead_scoring.rules.file import RulesFileError, check
from lead_scoring.rules.municipality_fields import municipality_fields
from lead_scoring.scoring.event_mapping import fact_of
from lead_scoring.scoring.repository.events import LoggedEvent
from lead_scoring.settings import LeadScoringSettings

SCORED_WITHIN: Final = timedelta(minutes=10)
ACKNOWLEDGE_TIMEOUT: Final = timedelta(minutes=2)
FAILED: Final = 1
WRONG_USE: Final = 2

_readers: Final[dict[str, TypeAdapter[EventData]]] = {
    model.TYPE: TypeAdapter(model) for model in LEAD_EVENTS.models
}


@dataclass(frozen=True, slots=True)
class _Job:
    file: Path
    document: MappingDocument
    rules_text: str
    rules: CompiledRules
    after: timedelta
    tuned_on: float


def replay(
    file: Path, mapping: Path, rules: Path, *, after: timedelta, tuned_on: float, console: Console
) -> int:
    """Run ``file`` through the broker and print what its scores foretold; the exit code.

    It goes through topics, a consumer, a relay and a database of its own: see
    :mod:`lead_scoring.replay.sandbox`.
    """
    # What its own processes log stays with them; here a person reads.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        text = text_of(rules)
        compiled = CompiledRules(check(text), 1, municipality_fields)
        document = read_mapping(text_of(mapping))
        job = _Job(file, document, text, compiled, after, tuned_on)
        _check_mapping(job)
        asyncio.run(_replay(job, load(LeadScoringSettings), console))
    except (MappingFileError, RulesFileError) as error:
        path = mapping if isinstance(error, MappingFileError) else rules
        console.print(f"[red]{path} can't be used:[/]\n{escape(str(error))}", highlight=False)
        return WRONG_USE
    except (UnreadableFileError, TransientError, SandboxError, NotDrainedError) as error:
        console.print(f"[red]Stopped:[/] {escape(str(error))}", highlight=False)
        return FAILED
    return 0


def _check_mapping(job: _Job) -> None:
    """Find out whether the mapping fits the file before anything is started.

    Raises:
        UnreadableFileError: it does not.
    """
    with RowReader(job.file, job.document) as reader:
        next(reader.rows(), None)


async def _replay(job: _Job, service: LeadScoringSettings, console: Console) -> None:
    async with AsyncExitStack() as stack:
        with console.status("Starting a database, topics, a consumer and a relay of its own …"):
            running = await stack.enter_async_context(sandbox(service, "replay", job.rules_text))
        passage = await _publish_and_score(job, running, console)
        with console.status("Reading the event log back, scoring as of each moment …"):
            facts = await _facts(running.database)
            same = await _unchanged_scores(job, running.database, facts)
        show_passage(console, passage, leads=len(facts), same=same)
        show_judgement(console, _judgement(job, facts))


async def _publish_and_score(job: _Job, running: Sandbox, console: Console) -> Passage:
    """Publish the file and wait until all of it is scored and every score is published."""
    publisher = LeadEventPublisher(
        running.settings.kafka,
        topic_prefix=running.settings.topic_prefix,
        acknowledged_within=ACKNOWLEDGE_TIMEOUT,
    )
    topic = running.settings.topic_prefix + LEAD_EVENTS.name
    rejected = RejectionSummary()
    columns = (
        TextColumn("{task.description:9}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[said]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        published = progress.add_task("published", said="")
        scored = progress.add_task("scored", said="", total=None)

        def on_published(at: ImportProgress) -> None:
            said = f"{at.totals.events:,} events"
            progress.update(published, completed=at.bytes_read, total=at.total_bytes, said=said)

        started = time.monotonic()
        try:
            totals = await _publish(job, publisher.publish, rejected, on_published)
        finally:
            await publisher.close()
        published_at = time.monotonic()

        def on_scored(waiting: Waiting) -> None:
            done = waiting.published - waiting.unread
            said = f"{done:,} events" + (
                f", {waiting.unsent:,} scores to send" * bool(waiting.unsent)
            )
            progress.update(scored, completed=done, total=waiting.published, said=said)

        settings = running.settings
        async with backlog(settings.kafka, running.database, topic, settings.group_id) as looking:
            await looking.drained(SCORED_WITHIN, on_scored)
    return Passage(
        file=job.file.name,
        totals=totals,
        rejected=rejected,
        publishing=timedelta(seconds=published_at - started),
        scoring=timedelta(seconds=time.monotonic() - started),
    )


async def _publish(
    job: _Job,
    publish: Publish,
    rejected: RejectionSummary,
    on_progress: Callable[[ImportProgress], None],
) -> Totals:
    with RowReader(job.file, job.document) as reader:
        return await import_rows(
            reader,
            RowMapping(job.document, datetime.now(UTC)),
            publish,
            sinks=[rejected],
            checkpoint=None,
            max_rejected=sys.maxsize,
            on_progress=on_progress,
        )


async def _facts(database: Database) -> dict[str, list[Fact]]:
    """Every lead's facts, as the event log has them."""
    async with database.raw_transaction() as connection:
        return {
            lead_id: [_fact(event) for event in events]
            async for lead_id, events in histories(connection)
        }


def _fact(logged: LoggedEvent) -> Fact:
    data = _readers[logged.type].validate_json(logged.data)
    event = Event(logged.event_id, logged.source, logged.occurred_at, data)
    return fact_of(event, logged.event_key)


async def _unchanged_scores(
    job: _Job, database: Database, facts: Mapping[str, Sequence[Fact]]
) -> int:
    """Count the stored scores that equal the one that the event log gives, as of the last event."""
    async with database.raw_transaction() as connection:
        stored = await stored_scores(connection)
    same = 0
    for lead_id, score in stored.items():
        last = max(fact.occurred_at for fact in facts[lead_id])
        computed = job.rules.evaluate(lead_as_of(lead_id, facts[lead_id], last), japan_day(last))
        same += computed == (score.fit, score.engagement, score.grade)
    return same


def _judgement(job: _Job, facts: Mapping[str, Sequence[Fact]]) -> Judgement:
    first, last = split_by_registration(facts, job.tuned_on)
    judging = judge(last, job.rules, job.after)
    try:
        found = verdict(judging.judged)
    except ValueError:
        found = None
    return Judgement(
        after=job.after,
        tuned_on=len(first),
        since=min((fact.occurred_at for facts in last.values() for fact in facts), default=None),
        judging=judging,
        verdict=found,
    )
