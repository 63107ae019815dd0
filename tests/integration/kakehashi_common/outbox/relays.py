"""Relays to test: in this process and in one of their own, and what they published."""

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from functools import partial

import asyncpg

from kakehashi_common.contracts.topics import Topic
from kakehashi_common.db import Database, new_metadata
from kakehashi_common.kafka.producer import idempotent_producer
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.outbox import store as outbox
from kakehashi_common.outbox.relay import Relay
from kakehashi_common.outbox.store import Message
from kakehashi_common.settings import DatabaseSettings
from tests.support.kafka import Record, TestBroker

metadata = new_metadata()
TABLE = outbox.table(metadata)

COMMIT_GATE = 4711
"""A transaction that deletes from the outbox can't commit while somebody else holds this lock."""


def relay(broker: TestBroker, database: Database, *, round_size: int = 100) -> Relay:
    producer = partial(idempotent_producer, broker.settings, linger_ms=0)
    return Relay(database.settings, TABLE, producer, round_size=round_size)


@asynccontextmanager
async def running(*relays: Relay) -> AsyncIterator[None]:
    stop = asyncio.Event()
    tasks = [asyncio.create_task(relay.run(stop)) for relay in relays]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), timeout=30)


def messages(topic: Topic, numbers: Iterable[int], keys: int = 7) -> list[Message]:
    return [
        Message(
            topic.name,
            f"lead-{n % keys}".encode(),
            str(n).encode(),
            [("ce_id", str(n).encode()), ("traceparent", b"00-" + b"a" * 32 + b"-" + b"b" * 16)],
        )
        for n in numbers
    ]


async def write(database: Database, batch: list[Message]) -> None:
    async with database.raw_transaction() as connection:
        await outbox.copy(connection, TABLE, batch)


async def left(database: Database) -> int:
    async with database.raw_transaction() as connection:
        return int(await connection.fetchval("select count(*) from outbox"))


def empty(database: Database) -> Callable[[], object]:
    async def is_empty() -> bool:
        return await left(database) == 0

    return is_empty


def by_key(records: Iterable[Record]) -> dict[bytes, list[int]]:
    """The numbers in the order in which a consumer sees them; a message with its first copy."""
    found: dict[bytes, list[int]] = defaultdict(list)
    for record in records:
        assert record.key is not None
        assert record.value is not None
        number = int(record.value)
        if number not in found[record.key]:
            found[record.key].append(number)
    return found


def assert_complete_and_in_order(records: Iterable[Record], count: int) -> None:
    found = by_key(records)
    assert sorted(n for numbers in found.values() for n in numbers) == list(range(count))
    for numbers in found.values():
        assert numbers == sorted(numbers)


@asynccontextmanager
async def commits_held_back(database: Database) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Let deletes from the outbox happen, but not commit, until released."""
    async with database.raw_transaction() as connection:
        await connection.execute(
            f"""
            create function wait_at_gate() returns trigger language plpgsql as
              'begin perform pg_advisory_xact_lock_shared({COMMIT_GATE}); return null; end';
            create constraint trigger gate after delete on outbox
              deferrable initially deferred for each row execute function wait_at_gate();
            """
        )
    gate = await asyncpg.connect(database.settings.url)
    await gate.execute(f"select pg_advisory_lock({COMMIT_GATE})")

    async def release() -> None:
        await gate.execute(f"select pg_advisory_unlock({COMMIT_GATE})")

    try:
        yield release
    finally:
        gate.terminate()
        async with database.raw_transaction() as connection:
            await connection.execute("drop trigger gate on outbox; drop function wait_at_gate")


RELAY_PROCESS = """
import asyncio, os, signal, sys
from datetime import timedelta
from functools import partial
from kakehashi_common.outbox import relay as relay_module, sessions as relay_sessions
from kakehashi_common.outbox import store as outbox
from kakehashi_common.db import new_metadata
from kakehashi_common.kafka.producer import idempotent_producer
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.outbox.relay import Relay
from kakehashi_common.settings import DatabaseSettings

url, servers, freezes = sys.argv[1:]
publish = relay_module.publish

async def freeze_first(producer, rows):
    relay_module.publish = publish
    os.kill(os.getpid(), signal.SIGSTOP)
    return await publish(producer, rows)

if freezes == "freezes":
    relay_module.publish = freeze_first
    relay_sessions.IDLE_TIMEOUT = timedelta(seconds=2)
producer = partial(idempotent_producer, KafkaSettings(bootstrap_servers=servers))
relay = Relay(DatabaseSettings(url=url), outbox.table(new_metadata()), producer, round_size=100)
asyncio.run(relay.run(asyncio.Event()))
"""


@asynccontextmanager
async def relay_process(
    database: DatabaseSettings, kafka: KafkaSettings, *, freezes: bool = False
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a relay in a process of its own.

    One that ``freezes`` stops itself (``SIGSTOP``) with its first round in hand, before it is sent,
    and its sessions may be silent for two seconds only.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        RELAY_PROCESS,
        database.url,
        kafka.bootstrap_servers,
        "freezes" if freezes else "works",
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
