"""Dead letters are listed, shown and sent back once, on a real broker."""

from collections.abc import Sequence
from typing import Any

import pytest

from kakehashi_common.cloudevents.codec import Outgoing, Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.dead_letters.reader import DeadLetterQueue, Selection
from kakehashi_common.errors import NotFoundError, PermanentError
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

EVERYTHING = Selection()


async def test_letters_of_a_mended_bug_are_replayed_once_and_handled(broker: TestBroker) -> None:
    topic = await broker.topic(partitions=2)
    await broker.publish(topic, [record(activity(n, lead=f"l-{n}")) for n in range(40)])
    handler = Remembering()

    async def no_room_for_5_to_9(events: Sequence[Received[Any]]) -> None:
        if {r.event.event_id for r in events} & {f"event-{n}" for n in range(5, 10)}:
            raise PermanentError("no room")

    handler.objection = no_room_for_5_to_9
    queue = DeadLetterQueue(broker.settings, topic.name)
    async with running(BatchConsumer(broker.settings, [topic], group(), handler, settings=QUICK)):
        await broker.read(topic.dead_letter_topic, at_least=5)
        await eventually(lambda: len(handler.ids) == 35)
        handler.objection = None

        letters = await queue.select(EVERYTHING)
        assert await queue.replay(letters) == 5
        await eventually(lambda: len(handler.ids) == 40)

    assert sorted(handler.ids) == sorted(f"event-{n}" for n in range(40))
    assert await queue.select(EVERYTHING) == []
    assert len(await queue.select(Selection(replayed_too=True))) == 5
    replayed = (await broker.read(topic.name))[-1]
    assert dict(replayed.headers)["dlq-replayed"] == b"1"
    assert replayed.key is not None
    assert replayed.key.startswith(b"l-")


async def test_a_replayed_letter_that_fails_again_counts_its_attempts(broker: TestBroker) -> None:
    topic = await broker.topic(partitions=1)
    await broker.publish(topic, [broken(1)])
    queue = DeadLetterQueue(broker.settings, topic.name)
    async with running(
        BatchConsumer(broker.settings, [topic], group(), Remembering(), settings=QUICK)
    ):
        await broker.read(topic.dead_letter_topic, at_least=1)
        await queue.replay(await queue.select(EVERYTHING))
        await broker.read(topic.dead_letter_topic, at_least=2)
        [again] = await queue.select(EVERYTHING)

    assert again.ours["dlq-attempts"] == "2"
    assert again.record.value == b"{not json"
    assert "dlq-replayed" not in again.ours


async def test_replay_by_reason_and_by_offset_leaves_the_others_for_later(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=1)
    no_headers = Outgoing(b"k", b"{}", [])
    await broker.publish(topic, [broken(0), no_headers, broken(1), no_headers, broken(2)])
    queue = DeadLetterQueue(broker.settings, topic.name)
    async with running(
        BatchConsumer(broker.settings, [topic], group(), Remembering(), settings=QUICK)
    ):
        await broker.read(topic.dead_letter_topic, at_least=5)

    by_reason = await queue.select(Selection(error_class="MissingAttributeError"))
    assert [letter.record.offset for letter in by_reason] == [1, 3]
    await queue.replay(by_reason)
    by_offset = await queue.select(Selection(first_offset=1, last_offset=2))
    assert [letter.record.offset for letter in by_offset] == [2]
    await queue.replay(by_offset)
    assert [letter.record.offset for letter in await queue.select(EVERYTHING)] == [0, 4]


async def test_a_record_that_two_services_set_aside_is_sent_back_once(broker: TestBroker) -> None:
    topic = await broker.topic(partitions=1)
    await broker.publish(topic, [broken(0)])
    async with running(
        BatchConsumer(broker.settings, [topic], group(), Remembering(), settings=QUICK)
    ):
        await broker.read(topic.dead_letter_topic, at_least=1)
    async with running(
        BatchConsumer(broker.settings, [topic], group(), Remembering(), settings=QUICK)
    ):
        await broker.read(topic.dead_letter_topic, at_least=2)

    queue = DeadLetterQueue(broker.settings, topic.name)
    letters = await queue.select(EVERYTHING)
    assert await queue.replay(letters) == 1
    assert await queue.select(EVERYTHING) == []


async def test_the_command_lists_shows_and_replays(
    broker: TestBroker, caplog: pytest.LogCaptureFixture
) -> None:
    topic = await broker.topic(partitions=1)
    await broker.publish(
        topic, [broken(0), broken(1, '{"lead_id":"crm-1","kind":"日本"}'.encode())]
    )
    async with running(
        BatchConsumer(broker.settings, [topic], group(), Remembering(), settings=QUICK)
    ):
        await broker.read(topic.dead_letter_topic, at_least=2)

    status, listed = await command(broker, "list", topic.name)
    assert status == 0
    assert "NotJsonError" in listed
    assert "data.kind should match pattern" in listed
    status, shown = await command(broker, "show", topic.name, "1")
    assert status == 0
    assert '"kind": "日本"' in shown
    assert f"{topic.name}[0]@1" in shown
    assert "asynchronous generator" not in caplog.text
    status, said = await command(broker, "replay", topic.name, "--dry-run")
    assert (status, "2 would be sent" in said) == (0, True)
    status, said = await command(broker, "replay", topic.name, "--reason", "NotJsonError", "--yes")
    assert (status, "Sent 1 back" in said) == (0, True)
    status, said = await command(broker, "replay", topic.name, "--reason", "NotJsonError", "--yes")
    assert (status, "Nothing to replay" in said) == (0, True)
    assert len(await broker.read(topic.name)) == 3
    status, said = await command(broker, "show", topic.name, "99")
    assert (status, said.strip()) == (2, f"{topic.dead_letter_topic} holds no letter at 0:99")


async def test_the_command_replays_the_letters_that_are_named_or_nothing(
    broker: TestBroker,
) -> None:
    topic = await broker.topic(partitions=1)
    await broker.publish(topic, [broken(0), broken(1), broken(2)])
    async with running(
        BatchConsumer(broker.settings, [topic], group(), Remembering(), settings=QUICK)
    ):
        await broker.read(topic.dead_letter_topic, at_least=3)

    replay = ("replay", topic.name, "--yes")
    status, said = await command(broker, *replay, "0:1", "9")
    assert (status, "no letter to replay at 0:9" in " ".join(said.split())) == (2, True)
    status, said = await command(broker, *replay, "1", "0:2")
    assert (status, "Sent 2 back" in said) == (0, True)
    status, said = await command(broker, *replay, "1")
    assert (status, "needs --force" in " ".join(said.split())) == (2, True)
    status, said = await command(broker, *replay, "1", "--force")
    assert (status, "Sent 1 back" in said) == (0, True)
    queue = DeadLetterQueue(broker.settings, topic.name)
    assert [letter.position for letter in await queue.select(EVERYTHING)] == ["0:0"]
    status, said = await command(broker, *replay, "first")
    assert (status, "first is no position" in said) == (2, True)


async def test_a_topic_that_is_not_there_is_said_so(broker: TestBroker) -> None:
    with pytest.raises(NotFoundError, match="there is no topic nothing-dlq"):
        await DeadLetterQueue(broker.settings, "nothing").select(EVERYTHING)
