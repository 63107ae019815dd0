"""Batches of other publishers: compressed, in transactions, corrupted on the way or on the disk."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from confluent_kafka import Producer
from structlog.testing import capture_logs

from kakehashi_common.cloudevents.codec import Outgoing
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.topics import Topic
from kakehashi_common.kafka.topics import declared
from tests.integration.kakehashi_common.consumer.foreign import (
    break_bytes,
    break_checksum,
    break_codec,
    change_batch_on_disk,
    publish_with_unreadable_header_name,
)
from tests.integration.kakehashi_common.consumer.running import (
    QUICK,
    Remembering,
    command,
    group,
    running,
)
from tests.support.kafka import TestBroker, activity, broken, record
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers

CODECS = ["gzip", "snappy", "lz4", "zstd"]


def events(first: int, last: int) -> list[Outgoing]:
    return [record(activity(n, lead=f"l-{n}")) for n in range(first, last)]


def ids(first: int, last: int) -> list[str]:
    return [f"event-{n}" for n in range(first, last)]


def headers(letter: Any) -> dict[str, str]:
    return {name: raw.decode(errors="replace") for name, raw in letter.headers}


def librdkafka(broker: TestBroker, **settings: Any) -> Producer:
    servers = broker.settings.bootstrap_servers
    return Producer({"bootstrap.servers": servers, "linger.ms": 20, **settings})


def publish(producer: Producer, topic: Topic, records: list[Outgoing], partition: int = 1) -> None:
    for each in records:
        producer.produce(topic.name, each.value, each.key, partition, headers=each.headers)
    assert producer.flush(30) == 0


async def compressed_by_aiokafka(broker: TestBroker, topic: Topic, codec: str) -> None:
    servers = broker.settings.bootstrap_servers
    async with AIOKafkaProducer(
        bootstrap_servers=servers, compression_type=codec, linger_ms=20
    ) as producer:
        for each in events(0, 50):
            await producer.send(topic.name, each.value, each.key, headers=each.headers)


async def compressed_by_librdkafka(broker: TestBroker, topic: Topic, codec: str) -> None:
    publish(librdkafka(broker, **{"compression.type": codec}), topic, events(0, 50))


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("send", [compressed_by_aiokafka, compressed_by_librdkafka])
async def test_batches_of_every_codec_are_read(
    broker: TestBroker, codec: str, send: Callable[..., Any]
) -> None:
    topic = await broker.topic()
    await send(broker, topic, codec)
    handler = Remembering()
    async with running(BatchConsumer(broker.settings, [topic], group(), handler, settings=QUICK)):
        await eventually(lambda: len(handler.ids) >= 50)
    assert sorted(handler.ids) == sorted(ids(0, 50))


async def test_a_header_name_that_is_not_utf_8_costs_no_record(broker: TestBroker) -> None:
    topic = await broker.topic()
    await publish_with_unreadable_header_name(broker, topic, events(0, 20), odd=7)
    handler = Remembering()
    async with running(BatchConsumer(broker.settings, [topic], group(), handler, settings=QUICK)):
        await eventually(lambda: len(handler.ids) >= 20)
    assert handler.ids == ids(0, 20)
    assert await broker.read(topic.dead_letter_topic) == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (break_checksum, "its checksum does not match its bytes"),
        (break_bytes, "its bytes are corrupt"),
        (break_codec, "its compression is unknown"),
    ],
)
async def test_a_corrupt_batch_holds_its_partition_only_until_an_operator_passes_over_it(
    broker: TestBroker, change: Callable[[bytearray], None], reason: str
) -> None:
    topic = await broker.topic(partitions=3)
    zstd = librdkafka(broker, **{"compression.type": "zstd"})
    for first in (0, 10, 20):
        publish(zstd, topic, events(first, first + 10))
    change_batch_on_disk(broker, topic, 10, change)
    handler = Remembering()
    consumer_group = group()
    consumer = BatchConsumer(broker.settings, [topic], consumer_group, handler, settings=QUICK)

    with capture_logs() as logged:
        async with running(consumer):
            await eventually(lambda: f"{topic.name}[1]@10" in str(consumer.problem))
            publish(zstd, topic, events(100, 110), partition=0)
            publish(zstd, topic, events(200, 210), partition=2)
            await eventually(lambda: len(handler.ids) >= 30)
            problem = str(consumer.problem)
            status, said = await command(broker, "skip", topic.name, "1:10", "--yes")
            assert (status, f"go on at offset {20}" in said) == (0, True), said
            await eventually(lambda: len(handler.ids) >= 40)
            await eventually(lambda: consumer.problem is None)

    assert sorted(handler.ids) == sorted(
        [*ids(0, 10), *ids(20, 30), *ids(100, 110), *ids(200, 210)]
    )
    assert reason in problem
    assert f"dead_letters skip {topic.name} 1:10" in problem
    [error] = [each for each in logged if "can't be unpacked" in each["event"]]
    assert (error["partition"], error["offset"]) == (1, 10)
    [letter] = await broker.read(topic.dead_letter_topic)
    told = headers(letter)
    assert (told["dlq-topic"], told["dlq-partition"], told["dlq-offset"]) == (topic.name, "1", "10")
    assert told["dlq-reason"].startswith("an operator passed over the ")
    assert reason in told["dlq-reason"]


async def test_a_batch_that_unpacks_to_far_too_much_holds_its_partition_only(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=3)
    large = {"message.max.bytes": 200_000_000, "queue.buffering.max.kbytes": 400_000}
    zstd = librdkafka(broker, **{"compression.type": "zstd"}, **large)
    publish(zstd, topic, [Outgoing(b"k", bytes(100_000_000), [])])
    publish(zstd, topic, events(0, 10), partition=0)
    handler = Remembering()
    consumer = BatchConsumer(broker.settings, [topic], group(), handler, settings=QUICK)
    async with running(consumer):
        await eventually(
            lambda: "it unpacks to more than 67,108,864 bytes" in str(consumer.problem)
        )
        await eventually(lambda: len(handler.ids) >= 10)


async def test_a_value_that_is_too_large_for_the_queue_leaves_a_letter_without_it(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=3)
    large = {"message.max.bytes": 200_000_000, "queue.buffering.max.kbytes": 400_000}
    zstd = librdkafka(broker, **{"compression.type": "zstd"}, **large)
    [sent] = events(0, 1)
    publish(zstd, topic, [Outgoing(sent.key, bytes(20_000_000), sent.headers), *events(1, 10)])
    handler = Remembering()
    consumer = BatchConsumer(broker.settings, [topic], group(), handler, settings=QUICK)
    async with running(consumer):
        await eventually(lambda: len(handler.ids) >= 9)
        [letter] = await broker.read(topic.dead_letter_topic, at_least=1)

    assert letter.value is None
    assert letter.key == sent.key
    told = headers(letter)
    assert told["ce_id"] == "event-0"
    assert told["dlq-error-class"] == "EventTooLargeError"
    assert told["dlq-value-bytes"] == "20000000"
    assert told["dlq-partition"] == "1"
    status, said = await command(broker, "show", topic.name, "0")
    assert (status, "20,000,000 bytes, left out" in said) == (0, True)
    status, said = await command(broker, "replay", topic.name, "--yes")
    assert (status, "Nothing to replay" in said) == (0, True)


async def test_a_queue_that_takes_less_than_its_topic_gets_letters_without_values(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=1)
    [queue] = [each for each in declared([topic]) if each.name == topic.dead_letter_topic]
    small = {**queue.configs, "max.message.bytes": "50000"}
    resource = ConfigResource(ConfigResourceType.TOPIC, queue.name, configs=small)
    await broker.admin.alter_configs([resource])
    await broker.publish(topic, [broken(0, b"{" * 60_000), broken(1), *events(2, 4)])
    handler = Remembering()
    consumer = BatchConsumer(broker.settings, [topic], group(), handler, settings=QUICK)
    async with running(consumer):
        await eventually(lambda: len(handler.ids) >= 2)
        letters = await broker.read(topic.dead_letter_topic, at_least=2)

    by_offset = {headers(letter)["dlq-offset"]: letter for letter in letters}
    assert by_offset["0"].value is None
    assert headers(by_offset["0"])["dlq-value-bytes"] == "60000"


async def test_an_aborted_transaction_is_never_handled_and_markers_are_progress(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=1)
    handler = Remembering()
    consumer_group = group()
    partition = TopicPartition(topic.name, 0)
    servers = broker.settings.bootstrap_servers
    async with (
        AIOKafkaProducer(bootstrap_servers=servers, transactional_id=topic.name) as producer,
        running(BatchConsumer(broker.settings, [topic], consumer_group, handler, settings=QUICK)),
    ):
        for first, commits in ((0, True), (10, False), (20, True), (30, False)):
            await producer.begin_transaction()
            for each in events(first, first + 10):
                await producer.send(topic.name, each.value, each.key, headers=each.headers)
            await (producer.commit_transaction() if commits else producer.abort_transaction())

        async def caught_up() -> bool:
            end = (await broker.ends(topic.name))[partition]
            return (await broker.committed(consumer_group)).get(partition) == end == 44

        await eventually(caught_up, what="the group's offset is the end, markers included")

    assert handler.ids == [*ids(0, 10), *ids(20, 30)]


async def test_one_bad_source_stops_nobody_else(broker: TestBroker) -> None:
    topic = await broker.topic(partitions=1)
    stated = {**dict(record(activity(0)).headers), "ce_source": b"https://bad.example"}
    bad = [Outgoing(b"k", b"{not json", list(stated.items())) for _ in range(200)]
    await broker.publish(topic, bad)
    handler = Remembering()
    consumer = BatchConsumer(broker.settings, [topic], group(), handler, settings=QUICK)
    async with running(consumer):
        await eventually(lambda: consumer.halted)
        assert "every source ('https://bad.example')" in str(consumer.problem)
        assert await broker.read(topic.dead_letter_topic) == []
        await broker.publish(topic, events(0, 5))
        await eventually(lambda: handler.ids == ids(0, 5))
        assert not consumer.halted
        assert len(await broker.read(topic.dead_letter_topic, at_least=200)) == 200


@pytest.mark.parametrize("restarts", [False, True])
async def test_the_runbook_ends_a_halt_dead_letters_are_let_into_the_queue(
    broker: TestBroker, *, restarts: bool
) -> None:
    topic = await broker.topic(partitions=1)
    await broker.publish(topic, [Outgoing(b"k", b"{}", []) for _ in range(200)])
    consumer_group = group()

    def consumer() -> BatchConsumer:
        handler = Remembering()
        return BatchConsumer(broker.settings, [topic], consumer_group, handler, settings=QUICK)

    async def let_through() -> None:
        status, said = await command(broker, "admit", topic.name, "--minutes", "5")
        assert (status, "uncounted" in said) == (0, True), said

    first = consumer()
    async with running(first):
        await eventually(lambda: first.halted)
        assert f"dead_letters admit {topic.name}" in str(first.problem)
        if not restarts:
            await let_through()
            await broker.read(topic.dead_letter_topic, at_least=201)
            await eventually(lambda: first.problem is None)
    if restarts:
        await let_through()
        second = consumer()
        async with running(second):
            await broker.read(topic.dead_letter_topic, at_least=201)
            await eventually(lambda: second.problem is None)

    status, listed = await command(broker, "list", topic.name)
    assert (status, "200" in listed) == (0, True)
    assert json.dumps(listed).count("MissingAttributeError") > 0
