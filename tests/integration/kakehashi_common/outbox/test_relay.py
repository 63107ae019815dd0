"""The relay on a real broker and a real database: nothing lost, order kept, one at a time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from sqlalchemy import Table

from kakehashi_common import db
from kakehashi_common.contracts.topics import Topic
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.kafka.producer import idempotent_producer
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.outbox import relay as relay_module
from kakehashi_common.outbox import sessions as relay_sessions
from kakehashi_common.outbox import store as outbox
from kakehashi_common.outbox.relay import Relay
from kakehashi_common.outbox.store import Message
from kakehashi_common.ports import free_port
from tests.integration.kakehashi_common.outbox.relays import (
    TABLE,
    assert_complete_and_in_order,
    commits_held_back,
    empty,
    left,
    messages,
    metadata,
    relay,
    relay_process,
    running,
    write,
)
from tests.support.kafka import TestBroker, silence
from tests.support.network import proxy_of
from tests.support.postgres import tables
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers


@pytest_asyncio.fixture(autouse=True)
async def outbox_table(database: Database) -> AsyncIterator[Table]:
    async with tables(database, metadata):
        yield TABLE


@pytest_asyncio.fixture
async def topic(broker: TestBroker) -> Topic:
    return await broker.topic()


async def test_messages_arrive_as_they_were_written(
    broker: TestBroker, database: Database, topic: Topic
) -> None:
    headers = [("ce_id", b"1"), ("binary", b"\x00\xff")]
    async with database.transaction() as connection:
        await outbox.add(
            connection,
            TABLE,
            [Message(topic.name, b"a", b"{}", headers), Message(topic.name, b"a", None)],
        )

    async with running(relay(broker, database)):
        await eventually(empty(database))

    first, tombstone = await broker.read(topic.name, at_least=2)
    assert (first.key, first.value, list(first.headers)) == (b"a", b"{}", headers)
    assert (tombstone.key, tombstone.value) == (b"a", None)


async def test_each_key_keeps_its_order_over_many_rounds(
    broker: TestBroker, database: Database, topic: Topic
) -> None:
    async with running(relay(broker, database, round_size=50)):
        for start in range(0, 2000, 250):
            await write(database, messages(topic, range(start, start + 250)))
        await eventually(empty(database))

    records = await broker.read(topic.name, at_least=2000)
    assert len(records) == 2000
    assert_complete_and_in_order(records, 2000)


async def test_a_transaction_that_is_rolled_back_publishes_nothing(
    broker: TestBroker, database: Database, topic: Topic
) -> None:
    async def crash() -> None:
        async with database.raw_transaction() as connection:
            await outbox.copy(connection, TABLE, messages(topic, [0]))
            raise RuntimeError("no")

    async with running(relay(broker, database)):
        with pytest.raises(RuntimeError):
            await crash()
        await write(database, messages(topic, [1]))
        await eventually(empty(database))

    assert [r.value for r in await broker.read(topic.name, at_least=1)] == [b"1"]


async def test_one_relay_is_active_and_another_takes_over(
    broker: TestBroker, database: Database, topic: Topic
) -> None:
    first, second = relay(broker, database), relay(broker, database)
    stop_first = asyncio.Event()
    first_task = asyncio.create_task(first.run(stop_first))
    await eventually(lambda: first.active)
    async with running(second):
        await write(database, messages(topic, range(100)))
        await eventually(empty(database))
        await eventually(partial(answers, second))
        assert not second.active

        stop_first.set()
        await first_task
        await eventually(lambda: second.active)
        await write(database, messages(topic, range(100, 200)))
        await eventually(empty(database))

    records = await broker.read(topic.name, at_least=200)
    assert len(records) == 200
    assert_complete_and_in_order(records, 200)


async def test_a_relay_that_waits_for_a_silent_broker_stops_at_once(
    broker: TestBroker, database: Database
) -> None:
    async with proxy_of(broker.settings) as proxy:
        proxy.freeze()
        silent = Relay(database.settings, TABLE, partial(idempotent_producer, proxy.kafka()))
        stop = asyncio.Event()
        task = asyncio.create_task(silent.run(stop))
        await eventually(lambda: proxy.accepted)
        stop.set()
        async with asyncio.timeout(15):
            await task


async def test_a_relay_whose_broker_goes_silent_in_a_round_stops_in_order(
    broker: TestBroker, database: Database, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "LAST_ROUND_TIMEOUT", timedelta(seconds=0.5))
    producers: list[AIOKafkaProducer] = []

    def make() -> AIOKafkaProducer:
        producers.append(idempotent_producer(broker.settings, linger_ms=0))
        return producers[-1]

    silenced = Relay(database.settings, TABLE, make, round_size=100)
    stop = asyncio.Event()
    task = asyncio.create_task(silenced.run(stop))
    try:
        await write(database, messages(topic, range(10)))
        await eventually(empty(database))
        silence(producers[0])
        await write(database, messages(topic, range(10, 20)))
        await eventually(lambda: producers[0]._sender._in_flight)  # noqa: SLF001
    finally:
        stop.set()
        async with asyncio.timeout(15):  # less than ACKNOWLEDGE_TIMEOUT
            await task
    assert await left(database) == 10


async def answers(relay: Relay) -> bool:
    try:
        await relay.ping()
    except TransientError:
        return False
    return True


async def test_a_kill_between_publish_and_delete_repeats_and_loses_nothing(
    broker: TestBroker, database: Database, topic: Topic
) -> None:
    await write(database, messages(topic, range(300)))
    async with (
        commits_held_back(database) as release,
        relay_process(database.settings, broker.settings) as victim,
    ):
        # A whole round, acknowledged. The process needs a while to start on a busy machine.
        published = await broker.read(topic.name, at_least=100, within=120)
        assert await left(database) == 300
        victim.kill()
        await victim.wait()
        await drop_relay_connections(database)  # as when the commit never reached PostgreSQL
        await release()

    async with running(relay(broker, database)):
        await eventually(empty(database))

    records = await broker.read(topic.name, at_least=400)
    assert len(records) == 300 + len(published)
    assert_complete_and_in_order(records, 300)


async def test_database_connections_that_break_lose_nothing(
    broker: TestBroker, database: Database, topic: Topic
) -> None:
    async with running(relay(broker, database, round_size=20)):
        for start in range(0, 1000, 200):
            await write(database, messages(topic, range(start, start + 200)))
            await drop_relay_connections(database)
        await eventually(empty(database))

    assert_complete_and_in_order(await broker.read(topic.name, at_least=1000), 1000)


async def test_a_broker_that_is_away_at_the_start_is_waited_for(
    broker: TestBroker, database: Database, topic: Topic
) -> None:
    nowhere = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_port()}")
    servers = iter([nowhere, nowhere])
    patient = Relay(
        database.settings,
        TABLE,
        lambda: idempotent_producer(next(servers, broker.settings)),
    )
    await write(database, messages(topic, range(10)))

    async with running(patient):
        await eventually(empty(database))

    assert_complete_and_in_order(await broker.read(topic.name, at_least=10), 10)


async def test_a_broker_that_goes_silent_costs_a_repetition_and_no_message(
    broker: TestBroker, database: Database, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "ACKNOWLEDGE_TIMEOUT", timedelta(seconds=1))
    producers: list[AIOKafkaProducer] = []

    def make() -> AIOKafkaProducer:
        producers.append(idempotent_producer(broker.settings, linger_ms=0))
        return producers[-1]

    silenced = Relay(database.settings, TABLE, make, round_size=100)
    async with running(silenced):
        await eventually(lambda: silenced.active)
        # As when the network swallows everything: what is sent is neither taken nor refused.
        producers[0]._sender.sender_task.cancel()  # noqa: SLF001
        await write(database, messages(topic, range(300)))
        await eventually(empty(database))

    assert len(producers) == 2
    assert_complete_and_in_order(await broker.read(topic.name, at_least=300), 300)


async def test_a_message_the_broker_refuses_is_set_aside_and_the_rest_flows(
    broker: TestBroker, database: Database, topic: Topic
) -> None:
    too_large = Message(topic.name, b"lead-0", b"x" * 9_000_000)
    batch = messages(topic, range(20))
    await write(database, [*batch[:10], too_large, *batch[10:]])

    async with running(relay(broker, database)):

        async def only_the_large_one_is_left() -> bool:
            return await left(database) == 1

        await eventually(only_the_large_one_is_left)

    assert_complete_and_in_order(await broker.read(topic.name, at_least=20), 20)
    async with database.raw_transaction() as connection:
        row = await connection.fetchrow("select shard, length(value) from outbox")
    assert tuple(row or ()) == (-1, 9_000_000)


async def test_readiness_says_that_the_relay_waits(
    broker: TestBroker, database: Database, topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "STUCK_AFTER", timedelta(seconds=0.5))
    monkeypatch.setattr(db, "ANSWER_TIMEOUT", timedelta(seconds=1))
    monkeypatch.setattr(relay_sessions, "IDLE_TIMEOUT", timedelta(seconds=2))
    quick = database.settings.model_copy(update={"statement_timeout_seconds": 3})
    async with proxy_of(quick) as proxy:
        waiting = Relay(proxy.database(quick), TABLE, partial(idempotent_producer, broker.settings))
        async with running(waiting):
            await eventually(lambda: waiting.active)
            await eventually(partial(answers, waiting))
            proxy.freeze_present()
            with pytest.raises(TransientError, match=r"has waited \d+ s for PostgreSQL"):
                await eventually(partial(pings, waiting), within=10)
            # The statement's time is up: new connections, and on it goes.
            await write(database, messages(topic, range(10)))
            await eventually(empty(database), within=60)

    assert_complete_and_in_order(await broker.read(topic.name, at_least=10), 10)


async def pings(relay: Relay) -> bool:
    await relay.ping()
    return False


async def test_readiness_says_that_kafka_or_postgresql_is_away(
    broker: TestBroker, database: Database
) -> None:
    idle = relay(broker, database)
    with pytest.raises(TransientError):
        await idle.ping()
    async with running(idle):
        await eventually(partial(answers, idle))


async def drop_relay_connections(database: Database) -> None:
    async with database.raw_transaction() as connection:
        await connection.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity "
            "where application_name = 'outbox-relay' and datname = current_database()"
        )
