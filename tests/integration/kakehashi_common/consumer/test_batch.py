"""The batch consumer on a real broker: what fails is set aside alone, and nothing is lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from aiokafka import TopicPartition

from kakehashi_common.cloudevents.codec import Outgoing, Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.topics import LEAD_EVENTS, OTHER_SYSTEMS
from kakehashi_common.errors import PermanentError, TransientError
from kakehashi_common.kafka.settings import KafkaSettings
from tests.integration.kakehashi_common.consumer.running import QUICK, Remembering, group, running
from tests.support.kafka import TestBroker, activity, broken, record
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers


def ids(count: int) -> set[str]:
    return {f"event-{n}" for n in range(count)}


def headers(letter: Any) -> dict[str, str]:
    return {name: raw.decode(errors="replace") for name, raw in letter.headers if raw is not None}


async def test_a_bad_record_is_dead_lettered_alone_with_its_bytes_and_a_reason(
    broker: TestBroker,
) -> None:
    topic = await broker.topic()
    good = [record(activity(n)) for n in range(30)]
    null_header: Any = [*good[3].headers, ("ce_subject", None)]
    binary_header = [*good[4].headers, ("ce_subject", b"\xff\xfe")]
    bad = [
        broken(100),
        Outgoing(good[3].key, good[3].value, null_header),
        Outgoing(good[4].key, good[4].value, binary_header),
        broken(101, b"{" + b" " * 5_000_000 + b"}"),
    ]
    await broker.publish(topic, [*good[:15], *bad, *good[15:]])
    handler = Remembering()

    async with running(BatchConsumer(broker.settings, [topic], group(), handler, settings=QUICK)):
        letters = await broker.read(topic.dead_letter_topic, at_least=4)
        await eventually(lambda: ids(30) <= set(handler.ids))

    by_class = {headers(letter)["dlq-error-class"]: letter for letter in letters}
    assert sorted(headers(letter)["dlq-error-class"] for letter in letters) == [
        "EventTooLargeError",
        "NotJsonError",
        "UnreadableHeaderError",
        "UnreadableHeaderError",
    ]
    told = headers(by_class["NotJsonError"])
    assert by_class["NotJsonError"].value == b"{not json"
    assert by_class["NotJsonError"].key == bad[0].key
    assert told["ce_id"] == "event-100"
    assert told["dlq-topic"] == topic.name
    assert told["dlq-attempts"] == "1"
    assert told["dlq-reason"].startswith("the body is not JSON")
    assert {("ce_subject", None), ("ce_subject", b"\xff\xfe")} <= {
        header for letter in letters for header in letter.headers
    }


async def test_a_transient_failure_is_retried_in_place_and_nothing_is_lost(
    broker: TestBroker,
) -> None:
    topic = await broker.topic()
    await broker.publish(topic, [record(activity(n)) for n in range(300)])
    handler = Remembering()
    failures = 0

    async def database_is_away(_events: Sequence[Received[Any]]) -> None:
        nonlocal failures
        failures += 1
        if failures in {1, 2, 4}:
            raise TransientError("PostgreSQL is unavailable")

    handler.objection = database_is_away
    consumer_group = group()
    async with running(
        BatchConsumer(broker.settings, [topic], consumer_group, handler, settings=QUICK)
    ) as run:
        await eventually(lambda: len(handler.ids) >= 300)
        await eventually(lambda: run.consumer.problem is None)

    assert sorted(handler.ids) == sorted(ids(300)), "each exactly once: no rebalance happened"
    assert sum((await broker.committed(consumer_group)).values()) == 300
    assert await broker.read(topic.dead_letter_topic) == []


@pytest.mark.parametrize("error", [PermanentError("this lead can't be"), KeyError("a bug")])
async def test_the_record_that_the_handler_cannot_take_is_found_and_set_aside_alone(
    broker: TestBroker, error: Exception
) -> None:
    topic = await broker.topic(partitions=1)
    await broker.publish(topic, [record(activity(n)) for n in range(64)])
    handler = Remembering()

    async def refuse(events: Sequence[Received[Any]]) -> None:
        if any(received.event.event_id == "event-37" for received in events):
            raise error

    handler.objection = refuse
    async with running(BatchConsumer(broker.settings, [topic], group(), handler, settings=QUICK)):
        [letter] = await broker.read(topic.dead_letter_topic, at_least=1)
        await eventually(lambda: len(handler.ids) >= 63)

    assert headers(letter)["ce_id"] == "event-37"
    assert headers(letter)["dlq-error-class"] == type(error).__name__
    assert handler.ids == [f"event-{n}" for n in range(64) if n != 37], "in their order"


async def test_too_many_dead_letters_halt_the_consumer_before_it_drains_the_topic(
    broker: TestBroker,
) -> None:
    topic = await broker.topic()
    await broker.publish(topic, [broken(n) for n in range(1000)])
    settings = QUICK.model_copy(update={"dead_letter_at_least": 150})
    consumer_group = group()

    async with running(
        BatchConsumer(broker.settings, [topic], consumer_group, Remembering(), settings=settings)
    ) as run:
        await eventually(lambda: run.consumer.halted)
        await broker.publish(topic, [broken(n) for n in range(1000, 1500)])
        assert not run.task.done(), "it stays alive, to say why"
        assert run.consumer.problem is not None
        assert "can't be handled" in run.consumer.problem

    letters = await broker.read(topic.dead_letter_topic)
    assert len(letters) < 150
    assert sum((await broker.committed(consumer_group)).values()) == len(letters)


async def test_a_second_consumer_takes_over_half_and_every_event_is_handled(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=4)
    first, second = Remembering(), Remembering()
    consumer_group = group()
    moves: list[str] = []

    async def assigned(partitions: set[TopicPartition]) -> None:
        moves.append(f"+{len(partitions)}")

    async def revoked(partitions: set[TopicPartition]) -> None:
        moves.append(f"-{len(partitions)}")

    def consumer(handler: Remembering) -> BatchConsumer:
        return BatchConsumer(
            broker.settings,
            [topic],
            consumer_group,
            handler,
            settings=QUICK,
            on_assigned=assigned,
            on_revoked=revoked,
        )

    async with running(consumer(first)):
        await broker.publish(topic, [record(activity(n, lead=f"l-{n}")) for n in range(2000)])
        await eventually(lambda: first.ids)
        async with running(consumer(second)):
            await eventually(lambda: moves.count("+2") == 2, what="two consumers share")
            await broker.publish(
                topic, [record(activity(n, lead=f"l-{n}")) for n in range(2000, 4000)]
            )
            await eventually(lambda: set(first.ids) | set(second.ids) == ids(4000))
            assert second.ids
        await eventually(lambda: moves[-1] == "+4", what="the first has all again")
        await broker.publish(topic, [record(activity(4000))])
        await eventually(lambda: "event-4000" in first.ids)

    assert moves[:2] == ["+4", "-4"]
    assert sum((await broker.committed(consumer_group)).values()) == 4001


async def test_a_batch_that_outlasts_its_partitions_is_not_committed_and_comes_again(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=1)
    await broker.publish(topic, [record(activity(n)) for n in range(10)])
    first, second = Remembering(), Remembering()
    entered, go_on = asyncio.Event(), asyncio.Event()
    consumer_group = group()
    hooks_during_the_batch: list[str] = []

    async def stuck(_events: Sequence[Received[Any]]) -> None:
        entered.set()
        await go_on.wait()

    async def revoked(_partitions: set[TopicPartition]) -> None:
        if not go_on.is_set():
            hooks_during_the_batch.append("revoked")

    async def second_has_joined() -> bool:
        [answer] = await broker.admin.describe_consumer_groups([consumer_group])
        _, _, state, _, _, members, *_ = answer.groups[0]
        return state == "Stable" and len(members) == 2

    first.objection = stuck
    async with running(
        BatchConsumer(
            broker.settings, [topic], consumer_group, first, settings=QUICK, on_revoked=revoked
        )
    ):
        async with asyncio.timeout(20):
            await entered.wait()
        async with running(
            BatchConsumer(broker.settings, [topic], consumer_group, second, settings=QUICK)
        ):
            await eventually(second_has_joined, what="the group went on without the first")
            first.objection = None
            go_on.set()
            await eventually(lambda: len(first.ids + second.ids) == 20)

    assert hooks_during_the_batch == []
    assert sorted(first.ids + second.ids) == sorted([*ids(10), *ids(10)])
    assert sum((await broker.committed(consumer_group)).values()) == 10


async def test_what_is_read_while_a_batch_is_in_hand_is_handled_and_committed_as_one(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=1)
    handler = Remembering()
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_events: Sequence[Received[Any]]) -> None:
        entered.set()
        await go_on.wait()

    handler.objection = slow
    consumer_group = group()
    consumer = BatchConsumer(broker.settings, [topic], consumer_group, handler, settings=QUICK)

    async def has_read(count: int) -> bool:
        reader = consumer._subscriber.consumer  # noqa: SLF001 - nothing else tells
        assert reader is not None
        return int(await reader.position(TopicPartition(topic.name, 0))) == count

    await broker.publish(topic, [record(activity(0))])
    async with running(consumer):
        async with asyncio.timeout(20):
            await entered.wait()
        for n in range(1, 10):
            await broker.publish(topic, [record(activity(n))])
            await eventually(partial(has_read, n + 1), what=f"{n} was read")
        go_on.set()
        await eventually(lambda: len(handler.ids) == 10)

    assert handler.ids == [f"event-{n}" for n in range(10)]
    assert handler.batches[0] == ["event-0"]
    # The one polled last may be a batch of its own: it was still being decoded.
    assert len(handler.batches) <= 3
    assert sum((await broker.committed(consumer_group)).values()) == 10


async def test_stopping_finishes_the_batch_in_hand_commits_it_and_leaves_the_group(
    broker: TestBroker,
) -> None:
    topic = await broker.topic()
    await broker.publish(topic, [record(activity(n)) for n in range(1000)])
    handler = Remembering()
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_events: Sequence[Received[Any]]) -> None:
        entered.set()
        await go_on.wait()

    handler.objection = slow
    consumer_group = group()
    async with running(
        BatchConsumer(broker.settings, [topic], consumer_group, handler, settings=QUICK)
    ) as run:
        async with asyncio.timeout(20):
            await entered.wait()
        run.stop.set()
        assert not run.task.done()
        go_on.set()
        async with asyncio.timeout(10):
            await run.task

    assert len(handler.batches) == 1, "what was read ahead is left for the next consumer"
    assert sum((await broker.committed(consumer_group)).values()) == len(handler.ids)
    [answer] = await broker.admin.describe_consumer_groups([consumer_group])
    assert answer.groups[0][2] == "Empty", "no member is left"

    async with running(
        BatchConsumer(broker.settings, [topic], consumer_group, handler, settings=QUICK)
    ):
        await eventually(lambda: set(handler.ids) == ids(1000))
    assert len(handler.ids) == 1000, "the next consumer went on where the first had committed"


async def test_an_outage_that_outlasts_the_budget_ends_the_run_and_the_next_one_goes_on(
    broker: TestBroker,
) -> None:
    topic = await broker.topic()
    await broker.publish(topic, [record(activity(n)) for n in range(10)])
    handler = Remembering()
    settings = QUICK.model_copy(update={"retry_budget_seconds": 0.5})

    async def away(_events: Sequence[Received[Any]]) -> None:
        raise TransientError("PostgreSQL is unavailable")

    handler.objection = away
    consumer_group = group()
    with pytest.raises(TransientError, match="PostgreSQL is unavailable"):
        async with (
            asyncio.timeout(30),
            running(
                BatchConsumer(broker.settings, [topic], consumer_group, handler, settings=settings)
            ) as run,
        ):
            await run.task
    handler.objection = None
    async with running(
        BatchConsumer(broker.settings, [topic], consumer_group, handler, settings=settings)
    ):
        await eventually(lambda: set(handler.ids) == ids(10))
    assert await broker.read(topic.dead_letter_topic) == []


async def test_while_kafka_is_away_the_consumer_says_so_and_still_ends_in_order() -> None:
    nowhere = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    consumer = BatchConsumer(nowhere, [LEAD_EVENTS], group(), Remembering(), settings=QUICK)
    async with running(consumer):
        await eventually(
            lambda: "Kafka can't be reached: 127.0.0.1:1 " in str(consumer.problem), within=10
        )


async def test_a_topic_that_nobody_declared_as_consumed_is_refused() -> None:
    unread = replace(LEAD_EVENTS, consumers=(OTHER_SYSTEMS,))
    with pytest.raises(ValueError, match="lead-events-v1 has no dead-letter topic"):
        BatchConsumer(KafkaSettings(), [unread], group(), Remembering())
