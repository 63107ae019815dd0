"""Decoding leaves the event loop to others: by bytes, and in a thread where a value is large."""

import asyncio
import threading
from dataclasses import replace
from typing import Annotated, ClassVar

from aiokafka import ConsumerRecord
from pydantic import AfterValidator

from kakehashi_common.consumer.decoding import BatchDecoder
from kakehashi_common.consumer.read_ahead import Batch
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.support.waiting import eventually
from tests.unit.kakehashi_common.cloudevents.records import PAGE_VIEW, binary

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
