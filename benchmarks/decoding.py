"""CPU time of decoding alone: ``python -m benchmarks.decoding``; no servers, no network.

CPU time, and the least of many short passes, so that a busy machine changes little. Figures of two
versions compare when they are taken in turns.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated

import typer
from aiokafka import ConsumerRecord

from benchmarks.load import Load, Record
from kakehashi_common.cloudevents.codec import EventDecoder
from kakehashi_common.contracts.topics import LEAD_EVENTS

_AT_A_TIME = 2000
"""Records of a pass: what a consumer has in a batch."""


def main(events: Annotated[int, typer.Option(help="Decoded in all")] = 100_000) -> None:
    """Print the microseconds of CPU time that one event of the benchmark's load takes to decode."""
    now = datetime.now(UTC)
    decode = EventDecoder(LEAD_EVENTS.models).decode
    load = Load(events=_AT_A_TIME, leads=5000, until=now)
    records = [_received(record) for record in load.records()]
    passes = [
        _cpu_seconds(lambda: [decode(record, now) for record in records])
        for _ in range(max(1, events // _AT_A_TIME))
    ]
    typer.echo(f"{min(passes) / _AT_A_TIME * 1e6:.2f} µs of CPU an event")


def _cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _received(record: Record) -> ConsumerRecord[bytes, bytes]:
    key, value, headers = record
    return ConsumerRecord(
        topic=LEAD_EVENTS.name,
        partition=0,
        offset=0,
        timestamp=0,
        timestamp_type=0,
        key=key,
        value=value,
        checksum=None,
        serialized_key_size=len(key),
        serialized_value_size=len(value),
        headers=tuple(headers),
    )


if __name__ == "__main__":
    typer.run(main)
