"""A consumer ends in time whatever Kafka does, and without an error: nothing is lost by it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiokafka.client
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.abc import ConsumerRebalanceListener

from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.integration.kakehashi_common.consumer.running import (
    QUICK,
    BatchConsumer,
    Remembering,
    group,
    running,
)
from tests.support.kafka import TestBroker, activity, record
from tests.support.network import Proxy, proxy_of
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers

ENDS_WITHIN = 20.0
"""Seconds; a process has 25, and Kafka's clients wait for 40."""


@pytest_asyncio.fixture
async def proxy(broker: TestBroker) -> AsyncIterator[Proxy]:
    async with proxy_of(broker.settings) as proxy:
        yield proxy


async def test_while_it_connects_to_a_broker_that_does_not_answer(proxy: Proxy) -> None:
    proxy.freeze()
    consumer = BatchConsumer(proxy.kafka(), [LEAD_EVENTS], group(), Remembering(), settings=QUICK)
    async with running(consumer) as run:
        await eventually(lambda: proxy.accepted)
        async with asyncio.timeout(ENDS_WITHIN):
            await run.end()


class Holding(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types here
    """A member of a group that keeps the others waiting."""

    def __init__(self) -> None:
        self.released = asyncio.Event()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        if revoked:
            await self.released.wait()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        pass


async def test_while_the_group_waits_for_another_member(broker: TestBroker) -> None:
    topic = await broker.topic()
    consumer_group, holding = group(), Holding()

    async def state() -> str:
        [answer] = await broker.admin.describe_consumer_groups([consumer_group])
        return str(answer.groups[0][2])

    async def waits() -> bool:
        return await state() == "PreparingRebalance"

    another = AIOKafkaConsumer(
        bootstrap_servers=broker.settings.bootstrap_servers,
        group_id=consumer_group,
        rebalance_timeout_ms=60_000,
        enable_auto_commit=False,
    )
    another.subscribe([topic.name], listener=holding)
    await another.start()
    try:
        async with running(
            BatchConsumer(broker.settings, [topic], consumer_group, Remembering(), settings=QUICK)
        ) as run:
            await eventually(waits)
            async with asyncio.timeout(ENDS_WITHIN):
                await run.end()
    finally:
        holding.released.set()
        await another.stop()


async def test_while_a_broker_that_had_answered_is_silent(
    broker: TestBroker, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = await broker.topic()
    connect = aiokafka.client.create_conn

    async def through_proxy(_host: str, _port: int, **arguments: Any) -> Any:
        return await connect("127.0.0.1", proxy.port, **arguments)

    consumer_group, handler = group(), Remembering()
    await broker.publish(topic, [record(activity(1))])

    async def is_committed() -> bool:
        return sum((await broker.committed(consumer_group)).values()) == 1

    async with running(
        BatchConsumer(proxy.kafka(), [topic], consumer_group, handler, settings=QUICK)
    ) as run:
        with monkeypatch.context() as patched:
            patched.setattr(aiokafka.client, "create_conn", through_proxy)
            await eventually(lambda: handler.ids)
        await eventually(is_committed)
        proxy.freeze()
        async with asyncio.timeout(ENDS_WITHIN):
            await run.end()
