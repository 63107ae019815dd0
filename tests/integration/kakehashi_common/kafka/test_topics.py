"""Topics are made and corrected on a real broker as declared, and nothing is ever taken away."""

import dataclasses
from collections.abc import Mapping
from datetime import timedelta

import pytest
from aiokafka.admin import NewPartitions
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from kakehashi_common.contracts.topics import Topic
from kakehashi_common.kafka.topics import apply, declared, describe, differences
from tests.support.kafka import TestBroker
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers


async def drift(broker: TestBroker, topic: Topic) -> set[tuple[str, str, str]]:
    wanted = declared([topic])
    found = await describe(broker.admin, [w.name for w in wanted])
    return {(d.setting, d.declared, d.found) for d in differences(wanted, found)}


async def test_apply_makes_a_topic_and_its_dead_letter_topic_and_then_changes_nothing(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=3)
    found = await describe(broker.admin, [topic.name, topic.dead_letter_topic])

    assert found[topic.name].partitions == 3
    assert found[topic.name].configs["retention.ms"] == str(30 * 24 * 3600 * 1000)
    assert found[topic.name].configs["max.message.bytes"] == "8388608"
    assert found[topic.dead_letter_topic].configs["retention.ms"] == str(90 * 24 * 3600 * 1000)
    assert await drift(broker, topic) == set()
    assert await apply(broker.admin, declared([topic])) == []


async def test_apply_corrects_settings_adds_partitions_and_keeps_what_was_set_by_hand(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=3)
    await broker.admin.alter_configs(
        [
            ConfigResource(
                ConfigResourceType.TOPIC,
                topic.name,
                configs={
                    **declared([topic])[0].configs,
                    "retention.ms": "1000",
                    "segment.ms": "7200000",
                },
            )
        ]
    )

    async def overrides() -> Mapping[str, str]:
        return (await describe(broker.admin, [topic.name]))[topic.name].overrides

    async def set_by_hand() -> bool:
        return (await overrides()).get("segment.ms") == "7200000"

    await eventually(set_by_hand, what="the broker has heard of the change by hand")
    changed = dataclasses.replace(topic, partitions=5, retention=timedelta(days=7))
    assert {setting for setting, _, _ in await drift(broker, changed)} == {
        "partitions",
        "retention.ms",
    }

    await apply(broker.admin, declared([changed]))

    async def as_declared() -> bool:
        return await drift(broker, changed) == set()

    await eventually(as_declared)
    assert (await overrides())["segment.ms"] == "7200000"


async def test_a_topic_with_more_partitions_than_declared_is_left_alone(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=3)
    await broker.admin.create_partitions({topic.name: NewPartitions(6)})

    assert await drift(broker, topic) == set()
    assert await apply(broker.admin, declared([topic])) == []
