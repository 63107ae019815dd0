"""``python -m lead_scoring.examples``: a day's events into a running stack, and what came out.

The events are made up by ``examples/demo``, seeded; the municipalities are real. A part goes
through the HTTP collector, the rest and all that is broken straight to Kafka, as other systems
would send it. Every number printed is read back from the service: its metrics, its API, its
dead-letter topic.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Final

import httpx
import typer
from aiokafka import AIOKafkaProducer
from pydantic import Field
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.http.client import Api, ApiError
from kakehashi_common.kafka.producer import acknowledged, idempotent_producer
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.settings import DatabaseSettings, HttpUrl, load
from kakehashi_common.terminal import Console
from lead_scoring.client.backlog import Backlog, NotDrainedError, Waiting, backlog
from lead_scoring.client.settings import SCOPES, LeadScoringApi
from lead_scoring.examples.report import Sent, show
from lead_scoring.examples.tally import Tally, dead_letters, tally

COLLECTOR: Final = "/v1/lead-events"
BATCHED: Final = "application/cloudevents-batch+json"
STRUCTURED: Final = b"application/cloudevents+json"
EVENTS_PER_REQUEST: Final = 1_000
"""The most that the collector takes at once."""

KAFKA_AT_ONCE: Final = 2_000
SCORED_WITHIN: Final = timedelta(minutes=3)
GENERATOR: Final = "examples.demo"

_EVENTS = typer.Option(help="CloudEvents, one per line; generated if left out.", exists=True)
_OVER_HTTP = typer.Option(min=0, help="How many of the first events go through the collector.")


class DemoSettings(LeadScoringApi):
    """The addresses of the running stack, as `stack.py env` prints them."""

    database: DatabaseSettings
    kafka: KafkaSettings = KafkaSettings(client_id="demo")
    topic_prefix: str = ""
    group_id: str = "lead-scoring"
    consumer_url: HttpUrl = Field(default="http://127.0.0.1:18081")
    temporal_ui_url: HttpUrl = Field(
        default="http://127.0.0.1:18233", validation_alias="KAKEHASHI_TEMPORAL_UI_URL"
    )


class DemoError(RuntimeError):
    """The demo can't go on; the message says why."""


@dataclass(frozen=True, slots=True)
class Input:
    """The events to send."""

    events: Sequence[bytes]
    """Structured CloudEvents, JSON."""
    bad: Sequence[dict[str, Any]]
    """Records that nobody can read, as ``examples/demo/bad_records.py`` describes them."""


def main(
    events: Annotated[Path | None, _EVENTS] = None,
    over_http: Annotated[int, _OVER_HTTP] = 8_000,
) -> None:
    """Send a day's events to the running stack and show what comes out."""
    console = Console()
    try:
        asyncio.run(_demo(load(DemoSettings), events, over_http, console))
    except (ApiError, DemoError, NotDrainedError, TransientError) as error:
        console.print(f"[red]Stopped:[/] {escape(str(error))}", highlight=False)
        raise typer.Exit(1) from None


async def _demo(
    settings: DemoSettings, events: Path | None, over_http: int, console: Console
) -> None:
    with console.status("Making up people and what they do …"):
        given = await asyncio.to_thread(_input, events)
    database = Database(settings.database, application="demo")
    topic = settings.topic_prefix + LEAD_EVENTS.name
    try:
        with Api(settings, SCOPES) as api:
            async with backlog(settings.kafka, database, topic, settings.group_id) as looking:
                before = await _tally(settings, looking)
                started = time.monotonic()
                sent = await _send(settings, api, looking, given, over_http, console)
                took = timedelta(seconds=time.monotonic() - started)
                after = await _tally(settings, looking)
            letters = await dead_letters(settings.kafka, topic, before.dead_letters)
            added = replace(after - before, dead_letters=len(letters))
            show(console, api, sent, added, letters, took)
            _show_addresses(console, settings, api)
    finally:
        await database.close()


def _input(events: Path | None) -> Input:
    if events is not None:
        return Input(events.read_bytes().splitlines(), ())
    with TemporaryDirectory() as folder:
        made = subprocess.run(  # noqa: S603 - our own generator, in the checkout
            [sys.executable, "-m", GENERATOR, "--out", folder],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise DemoError(f"run it in the checkout, or give --events: {made.stderr.strip()}")
        bad = (Path(folder) / "bad-records.ndjson").read_text(encoding="utf-8").splitlines()
        lines = (Path(folder) / "lead-events.ndjson").read_bytes().splitlines()
        return Input(lines, [json.loads(line) for line in bad])


async def _tally(settings: DemoSettings, looking: Backlog) -> Tally:
    async with httpx.AsyncClient(timeout=5) as client:
        try:
            answer = await client.get(f"{settings.consumer_url}/metrics")
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise DemoError(f"no consumer at {settings.consumer_url}: {error}") from None
    topic = settings.topic_prefix + LEAD_EVENTS.dead_letter_topic
    return tally(answer.text, await looking.end_of(topic))


async def _send(
    settings: DemoSettings,
    api: Api,
    looking: Backlog,
    given: Input,
    over_http: int,
    console: Console,
) -> Sent:
    columns = (
        TextColumn("{task.description:22}"),
        BarColumn(bar_width=30),
        TaskProgressColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TimeElapsedColumn(),
    )
    first, rest = given.events[:over_http], given.events[over_http:]
    with Progress(*columns, console=console) as progress:
        http = progress.add_task("to the HTTP collector", total=len(first))
        kafka = progress.add_task("straight to Kafka", total=len(rest) + len(given.bad))
        scored = progress.add_task("scored and published", total=len(given.events))
        for batch in _batches(first, EVENTS_PER_REQUEST):
            await asyncio.to_thread(_post, api, batch)
            progress.advance(http, len(batch))
        await _produce(settings, rest, given.bad, lambda count: progress.advance(kafka, count))
        start = (await looking.now()).published

        def on_progress(waiting: Waiting) -> None:
            total = len(given.events) + len(given.bad)
            newer = waiting.published - start
            done = max(0, total + newer - waiting.unread)
            progress.update(scored, total=total + newer, completed=done)

        await looking.drained(SCORED_WITHIN, on_progress)
    return Sent(over_http=len(first), to_kafka=len(rest), broken=len(given.bad))


def _batches(lines: Sequence[bytes], size: int) -> Iterator[list[bytes]]:
    remaining = iter(lines)
    while batch := list(islice(remaining, size)):
        yield batch


def _post(api: Api, batch: Sequence[bytes]) -> None:
    answer = api.post(COLLECTOR, b"[" + b",".join(batch) + b"]", BATCHED)
    if answer["rejected"]:
        raise DemoError(f"the collector refused {answer['rejected']} events: {answer['results']}")


async def _produce(
    settings: DemoSettings,
    events: Sequence[bytes],
    bad: Sequence[dict[str, Any]],
    on_sent: Callable[[int], None],
) -> None:
    """Send structured CloudEvents, with the broken records spread among them."""
    topic = settings.topic_prefix + LEAD_EVENTS.name
    every = max(1, len(events) // (len(bad) + 1))
    broken = iter(bad)
    async with idempotent_producer(settings.kafka) as producer:
        for batch in _batches(events, min(every, KAFKA_AT_ONCE)):
            among = list(islice(broken, 1))
            await acknowledged(_send_good(producer, topic, line) for line in batch)
            await acknowledged(_send_bad(producer, topic, each) for each in among)
            on_sent(len(batch) + len(among))
        rest = list(broken)
        await acknowledged(_send_bad(producer, topic, each) for each in rest)
        on_sent(len(rest))


async def _send_good(producer: AIOKafkaProducer, topic: str, line: bytes) -> "asyncio.Future[Any]":
    key = json.loads(line)["partitionkey"].encode()
    headers = [("content-type", STRUCTURED)]
    sent: asyncio.Future[Any] = await producer.send(topic, line, key, headers=headers)
    return sent


async def _send_bad(
    producer: AIOKafkaProducer, topic: str, bad: dict[str, Any]
) -> "asyncio.Future[Any]":
    headers = [
        *((name, None if text is None else text.encode()) for name, text in bad["headers"]),
        *((name, bytes.fromhex(digits)) for name, digits in bad["hex_headers"]),
    ]
    text = bad["value"]
    value = None if text is None else text.encode() + b" " * bad["padding"]
    key = None if bad["key"] is None else bad["key"].encode()
    sent: asyncio.Future[Any] = await producer.send(topic, value, key, headers=headers)
    return sent


def _show_addresses(console: Console, settings: DemoSettings, api: Api) -> None:
    console.print()
    console.rule("[bold]Where to look", align="left")
    for name, url in (
        ("API, with examples", f"{settings.api_url}/docs"),
        ("Readiness", f"{settings.api_url}/readyz"),
        ("Temporal UI", settings.temporal_ui_url),
        ("Consumer's metrics", f"{settings.consumer_url}/metrics"),
    ):
        console.print(f"  {name:20} {url}", highlight=False)
    best = next(api.pages("/v1/leads", limit=1), None)
    if best is None:
        return
    console.print("\nWhy the first lead has its score:\n")
    # Unwrapped, so that it can be copied.
    console.print(
        f"  TOKEN=$(curl -s {settings.token_url} -d grant_type=client_credentials"
        f" -d client_id=me -d client_secret=demo -d scope=lead-scoring:read"
        ' | sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\')\n'
        f'  curl -s -H "Authorization: Bearer $TOKEN"'
        f" {settings.api_url}/v1/leads/{best['lead_id']}/explanation | python3 -m json.tool"
        " --no-ensure-ascii",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )


if __name__ == "__main__":
    typer.run(main)
