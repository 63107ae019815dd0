"""Batches read ahead: decoded while others run, merged while they wait, counted with a delay."""

import asyncio
import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any, ClassVar

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from pydantic import AfterValidator

from kakehashi_common import metrics
from kakehashi_common.cloudevents.codec import EventDecoder
from kakehashi_common.consumer.read_ahead import Batch, BatchDecoder, BatchMetrics, ReadAhead
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.support.waiting import eventually
from tests.unit.kakehashi_common.cloudevents.records import NOW, PAGE_VIEW, binary

DECODER = EventDecoder(LEAD_EVENTS.models)


def polled(*ids: int, epoch: int = 1) -> Batch:
    records = tuple(binary(ce_id=b"%d" % n) for n in ids)
    offsets = {TopicPartition("lead-events-v1", ids[0] % 2): ids[-1] + 1}
    return Batch(epoch, records, offsets, [DECODER.decode(record, NOW) for record in records])


def ids(batch: Batch | None) -> list[int]:
    assert batch is not None
    assert [dict(record.headers)["ce_id"].decode() for record in batch.records] == [
        received.event.event_id for received in batch.events
    ]
    return [int(received.event.event_id) for received in batch.events]


@pytest.mark.parametrize(
    ("polls", "batches"),
    [
        ([polled(1), polled(2), polled(3)], [[1, 2, 3]]),
        ([polled(1, 2, 3), polled(4, 5)], [[1, 2, 3, 4, 5]]),
        ([polled(1, 2, 3), polled(4, 5, 6)], [[1, 2, 3], [4, 5, 6]]),
        ([polled(1), polled(2, epoch=2), polled(3, epoch=2)], [[1], [2, 3]]),
    ],
    ids=["small ones", "exactly full", "together too many", "of two assignments"],
)
async def test_polls_that_wait_become_one_batch_up_to_its_size_and_within_their_epoch(
    polls: list[Batch], batches: list[list[int]]
) -> None:
    waiting = ReadAhead(batches=4, max_records=5)
    for poll in polls:
        await waiting.put(poll)
    assert [ids(await waiting.get()) for _ in batches] == batches


async def test_what_to_commit_is_the_newest_offset_of_each_partition() -> None:
    waiting = ReadAhead(batches=4, max_records=5)
    for poll in (polled(1), polled(2), polled(3)):
        await waiting.put(poll)
    batch = await waiting.get()
    assert batch is not None
    assert {tp.partition: offset for tp, offset in batch.next_offsets.items()} == {0: 3, 1: 4}


async def test_a_batch_that_was_taken_grows_no_more() -> None:
    waiting = ReadAhead(batches=4, max_records=5)
    await waiting.put(polled(1))
    taken = await waiting.get()
    await waiting.put(polled(2))
    assert ids(taken) == [1]
    assert ids(await waiting.get()) == [2]


async def test_without_room_the_writer_waits_until_a_batch_is_taken_or_all_are_dropped() -> None:
    waiting = ReadAhead(batches=1, max_records=1)
    await waiting.put(polled(1))
    second = asyncio.create_task(waiting.put(polled(2)))
    third = asyncio.create_task(waiting.put(polled(3)))
    assert ids(await waiting.get()) == [1]
    await eventually(second.done)
    assert not third.done()
    waiting.clear()
    await eventually(third.done)
    assert ids(await waiting.get()) == [3]


async def test_at_the_end_a_reader_that_waits_gets_nothing() -> None:
    waiting = ReadAhead(batches=2, max_records=5)
    reader = asyncio.create_task(waiting.get())
    await asyncio.sleep(0)
    waiting.end()
    async with asyncio.timeout(5):
        assert await reader is None


entered, go_on = threading.Event(), threading.Event()


def slow(text: str) -> str:
    entered.set()
    assert go_on.wait(10), "nobody else ran while this was decoded"
    return text


class Slow(EventData):
    """Takes long to validate."""

    TYPE: ClassVar[str] = "jp.kakehashi.test.slow.v1"

    text: Annotated[str, AfterValidator(slow)]


async def test_a_large_record_is_decoded_while_others_run() -> None:
    topic = replace(LEAD_EVENTS, models=(Slow,))
    record = binary({"text": "x" * 100_000}, ce_type=Slow.TYPE.encode())
    batch = Batch(1, (record,), {})
    decoding = asyncio.create_task(BatchDecoder([topic]).decode(batch))
    await eventually(entered.is_set, within=10)
    go_on.set()
    await decoding
    assert [received.event.data.text for received in batch.events] == ["x" * 100_000]


async def test_others_run_after_so_many_bytes_and_the_order_stays() -> None:
    padded = {**PAGE_VIEW, "details": {"note": "x" * 50_000}}
    records: list[ConsumerRecord[bytes, bytes]] = [
        binary(padded, ce_id=b"%d" % n) for n in range(90)
    ]
    batch = Batch(1, records, {})
    decoding = asyncio.create_task(BatchDecoder([LEAD_EVENTS]).decode(batch))
    looks = 0
    while not decoding.done():
        looks += 1
        await asyncio.sleep(0)
    assert looks >= 90 * 50_000 // 500_000
    assert [received.event.event_id for received in batch.events] == [str(n) for n in range(90)]


class Recorded:
    """An instrument that keeps what it is given."""

    def __init__(self) -> None:
        self.values: list[float] = []

    def record(self, value: float, _attributes: Any) -> None:
        self.values.append(value)

    add = record


@pytest.mark.parametrize(
    ("age", "plausible"),
    [
        (timedelta(0), True),
        (timedelta(days=3), True),
        (timedelta(seconds=-5), True),
        (timedelta(hours=-1), False),
        (timedelta(days=31), False),
        (timedelta(days=365 * 56), False),
    ],
    ids=str,
)
def test_a_timestamp_that_can_not_be_true_is_counted_apart(
    age: timedelta, *, plausible: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays, implausible = Recorded(), Recorded()
    monkeypatch.setattr(metrics, "DELAY_SECONDS", delays)
    monkeypatch.setattr(metrics, "IMPLAUSIBLE_TIMESTAMPS", implausible)
    record = replace(binary(), timestamp=int((time.time() - age.total_seconds()) * 1000))

    BatchMetrics([LEAD_EVENTS], {}).record(Batch(1, (record,), {}), [], 0.1)

    assert (len(delays.values), len(implausible.values)) == ((1, 0) if plausible else (0, 1))
    assert all(value >= 0 for value in delays.values)
