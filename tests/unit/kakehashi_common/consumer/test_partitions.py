"""Metrics of a partition that another consumer has taken over, or that is no longer held."""

from collections.abc import Mapping
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from kakehashi_common import metrics
from kakehashi_common.consumer.partitions import Assignment, Progress, nothing_to_do
from kakehashi_common.kafka.record_batches import UnreadableBatch
from kakehashi_common.kafka.safe_poll import SafePoll

KEPT, LOST = TopicPartition("t", 0), TopicPartition("t", 1)
BAD = UnreadableBatch(LOST, 10, 20, 100, "its bytes are corrupt")


class Gauge:
    """An instrument that keeps the newest value of each partition."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    def set(self, value: float, attributes: Mapping[str, str]) -> None:
        self.values[attributes["partition"]] = value


class FakeConsumer:
    """Stands at offset 10 of each of its partitions, whose end is 30."""

    def __init__(self) -> None:
        self.partitions = {KEPT, LOST}

    def assignment(self) -> set[TopicPartition]:
        return self.partitions

    async def position(self, _: TopicPartition) -> int:
        return 10

    def last_stable_offset(self, _: TopicPartition) -> int:
        return 30

    async def commit(self, _: Any) -> None:
        return

    def seek(self, partition: TopicPartition, _: int) -> None:
        assert partition in self.partitions

    resume = seek


def safe_poll() -> SafePoll:
    return SafePoll(lambda _: None, lambda _: None)


@pytest.fixture
def gauges(monkeypatch: pytest.MonkeyPatch) -> dict[str, Gauge]:
    made = {"HELD": Gauge(), "LAG": Gauge()}
    for name, gauge in made.items():
        monkeypatch.setattr(metrics, name, gauge)
    return made


async def test_a_partition_that_went_to_another_consumer_is_measured_there_only(
    gauges: dict[str, Gauge],
) -> None:
    consumer, polls = FakeConsumer(), safe_poll()
    assignment = Assignment(
        on_assigned=nothing_to_do,
        on_revoked=nothing_to_do,
        on_rebalance=lambda: None,
        patience_seconds=1,
    )
    progress = Progress(polls, assignment, {"group": "g"})
    polls.held[LOST] = BAD
    await progress.look(cast("AIOKafkaConsumer", consumer))
    assert gauges["HELD"].values == {"t-0": 0, "t-1": 1}
    assert gauges["LAG"].values == {"t-0": 20, "t-1": 20}

    polls.held.clear()
    consumer.partitions = {KEPT}
    await progress.look(cast("AIOKafkaConsumer", consumer))
    assert gauges["HELD"].values == {"t-0": 0, "t-1": 0}
    assert gauges["LAG"].values == {"t-0": 20, "t-1": 0}


async def test_a_batch_of_a_partition_that_is_gone_is_not_passed_over() -> None:
    consumer, polls = FakeConsumer(), safe_poll()
    consumer.partitions = {KEPT}
    polls.held[LOST] = BAD
    polls.skip(cast("AIOKafkaConsumer", consumer), BAD, 20)
    assert not polls.held
