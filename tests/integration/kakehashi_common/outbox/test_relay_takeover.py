"""One relay follows another that died, hangs or is frozen: in time, and without a stale message."""

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import Table

from kakehashi_common.contracts.topics import Topic
from kakehashi_common.db import Database, new_metadata
from kakehashi_common.outbox import relay as relay_module
from kakehashi_common.outbox import sessions as relay_sessions
from kakehashi_common.outbox import store as outbox
from kakehashi_common.outbox.sessions import APPLICATION
from tests.integration.kakehashi_common.outbox.relays import (
    TABLE,
    assert_complete_and_in_order,
    commits_held_back,
    empty,
    messages,
    metadata,
    relay,
    relay_process,
    running,
    write,
)
from tests.support.kafka import Record, TestBroker
from tests.support.network import proxy_of
from tests.support.postgres import tables
from tests.support.waiting import eventually

ANOTHER_TABLE = outbox.table(new_metadata(), "another")

pytestmark = pytest.mark.servers

TAKES_OVER_WITHIN = 30.0
"""Seconds from the freeze to another relay at work."""


@pytest_asyncio.fixture(autouse=True)
async def outbox_table(database: Database) -> AsyncIterator[Table]:
    async with tables(database, metadata):
        yield TABLE


@pytest_asyncio.fixture
async def topic(broker: TestBroker) -> Topic:
    return await broker.topic()


async def sessions(database: Database) -> dict[int, asyncpg.Record]:
    """The relays' sessions by process id, and what they do."""
    async with database.raw_transaction() as connection:
        rows = await connection.fetch(
            "select pid, state, wait_event, query from pg_stat_activity "
            "where application_name = $1 and datname = current_database()",
            APPLICATION,
        )
    return {row["pid"]: row for row in rows}


async def end_session(database: Database, pid: int) -> None:
    async with database.raw_transaction() as connection:
        assert await connection.fetchval("select pg_terminate_backend($1, 5000)", pid)


@pytest.mark.parametrize("lives_on", ["active", "idle in transaction"])
async def test_a_successor_waits_for_the_rows_that_a_dead_relay_still_holds(
    broker: TestBroker, database: Database, topic: Topic, lives_on: str
) -> None:
    """One session of the dead relay commits a round, one holds the next; either may live on."""
    await write(database, messages(topic, range(300)))
    async with (
        proxy_of(database.settings) as proxy,
        commits_held_back(database) as release,
        relay_process(proxy.database(database.settings), broker.settings) as victim,
    ):

        async def holds_two_rounds() -> bool:
            found = (await sessions(database)).values()
            states = sorted((row["state"], row["wait_event"]) for row in found if row["state"])
            return states == [("active", "advisory"), ("idle in transaction", "ClientRead")]

        await eventually(holds_two_rounds, within=120)
        proxy.freeze()  # PostgreSQL does not hear of the death
        victim.kill()
        await victim.wait()
        dead = await sessions(database)
        [remaining] = [pid for pid, row in dead.items() if row["state"] == lives_on]
        [ended] = dead.keys() - {remaining}
        await end_session(database, ended)

        successor = relay(broker, database)
        async with running(successor):

            async def has_tried() -> bool:
                found = await sessions(database)
                tried = [row["query"] for pid, row in found.items() if pid not in dead]
                return successor.active or any("advisory" in query for query in tried)

            await eventually(has_tried)
            assert remaining in await sessions(database)
            assert not successor.active
            await release()
            await end_session(database, remaining)
            await eventually(empty(database))

    assert_complete_and_in_order(await broker.read(topic.name, at_least=300), 300)


async def test_what_a_frozen_relay_sends_when_it_thaws_is_refused(
    broker: TestBroker, database: Database, topic: Topic
) -> None:
    await write(database, messages(topic, range(100)))
    async with relay_process(database.settings, broker.settings, freezes=True) as frozen:
        await eventually(lambda: stands_still(frozen.pid), within=120)
        successor = relay(broker, database)
        async with running(successor):
            await eventually(lambda: successor.active, within=TAKES_OVER_WITHIN)
            await write(database, messages(topic, range(100, 200)))
            await eventually(empty(database))
            frozen.send_signal(signal.SIGCONT)
            said = await said_when_starting_over(frozen)

    records = await broker.read(topic.name, at_least=200)
    assert_complete_and_in_order(records, 200)
    assert_nothing_stale_comes_last(records)
    assert len(records) == 200, said


def stands_still(pid: int) -> bool:
    found = os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)
    return found is not None


async def said_when_starting_over(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(60):
        async for line in process.stdout:
            if b"starts over" in line:
                return line.decode()
    raise AssertionError("it ended without a word")


def assert_nothing_stale_comes_last(records: Sequence[Record]) -> None:
    """No copy of an older message stands behind a newer one of its key."""
    newest: dict[bytes, int] = defaultdict(int)
    for record in records:
        assert record.key is not None
        assert record.value is not None
        number = int(record.value)
        assert number >= newest[record.key]
        newest[record.key] = number


def test_a_relay_on_stand_by_takes_over_from_a_frozen_one_within_half_a_minute() -> None:
    longest = (
        relay_sessions.IDLE_TIMEOUT
        + relay_module.STANDBY_INTERVAL
        + relay_sessions.KEEPALIVE_INTERVAL
    ).total_seconds()
    assert longest < TAKES_OVER_WITHIN
    # A process that works speaks several times before PostgreSQL gives it up.
    assert relay_sessions.KEEPALIVE_INTERVAL * 3 < relay_sessions.IDLE_TIMEOUT


@pytest.mark.parametrize("state", ["idle", "in transaction"])
async def test_a_session_that_falls_silent_loses_its_lock(
    database: Database, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    monkeypatch.setattr(relay_sessions, "IDLE_TIMEOUT", timedelta(seconds=1))
    async with relay_sessions.relay_sessions(database.settings, TABLE) as silent:
        assert await silent.take_over()
        if state == "in transaction":
            await silent.first.execute("begin")
            await silent.second.execute("begin")
        await another_takes_over(database)


@pytest.mark.parametrize("method", ["fetchval", "execute"])
async def test_a_session_that_is_in_the_middle_of_something_loses_its_lock(
    database: Database, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    """``fetchval`` waits to send the rest of its request, ``execute`` to take its answer."""
    monkeypatch.setattr(relay_sessions, "IDLE_TIMEOUT", timedelta(seconds=1))
    async with relay_sessions.relay_sessions(database.settings, TABLE) as silent:
        assert await silent.take_over()
        silent.first._transport.pause_reading()  # type: ignore[attr-defined]  # noqa: SLF001
        call = getattr(silent.first, method)
        answer = asyncio.ensure_future(call("select repeat('x', 100000000)"))
        await another_takes_over(database)
        assert not answer.done()
        answer.cancel()


async def another_takes_over(database: Database) -> None:
    async with relay_sessions.relay_sessions(database.settings, TABLE) as another:
        await eventually(another.take_over, within=TAKES_OVER_WITHIN)


async def test_sessions_are_kept_while_the_broker_works(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_sessions, "IDLE_TIMEOUT", timedelta(seconds=2))
    monkeypatch.setattr(relay_sessions, "KEEPALIVE_INTERVAL", timedelta(seconds=0.2))
    async with (
        relay_sessions.relay_sessions(database.settings, TABLE) as kept,
        relay_sessions.relay_sessions(database.settings, ANOTHER_TABLE) as silent,
    ):
        assert await kept.take_over()
        assert await silent.take_over()
        # As long as it takes PostgreSQL to give up a relay that says nothing.
        await kept.keep_alive_during(eventually_ended(database))
        await kept.first.execute("select 1")
        await kept.second.execute("select 1")


async def eventually_ended(database: Database) -> None:
    async def two_are_left() -> bool:
        return len(await sessions(database)) == 2

    await eventually(two_are_left)
