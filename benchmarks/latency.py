"""From the instant an event should be published to the instant its score can be read.

The generator is open-loop: it draws its sending times beforehand (a Poisson process) and counts
from the time that was drawn, not from when it got round to sending. A stall of the pipeline, or of
the generator, is therefore paid by every event that it delays (no coordinated omission).
"""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any, Final, Self

from confluent_kafka import OFFSET_END, Consumer, Producer, TopicPartition

from benchmarks import contestants
from benchmarks.contestants import Contestant
from benchmarks.load import Load, Record, first_event_of
from benchmarks.servers import PARTITIONS, Servers
from benchmarks.throughput import TEMPLATE
from benchmarks.watching import Group, looks
from kakehashi_common.contracts.topics import LEAD_EVENTS, LEAD_SCORES

PROBE_EVERY: Final = 5
"""Each fifth event is the first of a new lead, whose score is always announced: its score event
is this event's and no other's. The others are events of existing leads, announced as usual."""

_LEADS: Final = 5000
_KNOWN: Final = 20_000
"""Events that create the leads, before the clock starts."""

_SETTLED_AFTER: Final = 5.0
"""Seconds at full rate before the first latency counts: connections, caches, first partitions."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from intended publication to readable score."""

    rate: float
    seconds: float
    samples: int
    p50: float
    p95: float
    p99: float
    p999: float
    worst: float
    sent_late_p99: float
    """Delay of the generator itself; part of the figures above."""


def measure(servers: Servers, rate: float, seconds: float) -> Latency:
    """Latency of our consumer and relay at ``rate`` events per second."""
    prefix = servers.prefix("latency")
    servers.make_topics(prefix)
    group = Group(servers, f"{prefix}group", prefix + LEAD_EVENTS.name)
    with servers.database("latency", TEMPLATE) as url:
        environment = contestants.settings(servers, url, prefix, f"{prefix}group")
        with (
            contestants.our_relay(environment) as relay,
            contestants.our_consumer(environment) as consumer,
        ):
            known = Load(_KNOWN, _LEADS, datetime.now(UTC), run="before")
            servers.produce(prefix + LEAD_EVENTS.name, known.records())
            _wait_until_idle(servers, url, group, consumer, relay)
            reader = _Reader(servers.consumer(**{"fetch.wait.max.ms": 50}), prefix)
            with reader:
                due, late = _send(servers, prefix, rate, seconds)
                reader.wait_for(due)
            consumer.check()
            relay.check()
    latencies = sorted((reader.read_at[lead] - at) * 1000 for lead, at in due.items())
    p50, p95, p99, p999 = (
        round(_percentile(latencies, share), 1) for share in (0.5, 0.95, 0.99, 0.999)
    )
    return Latency(
        rate=rate,
        seconds=seconds,
        samples=len(latencies),
        p50=p50,
        p95=p95,
        p99=p99,
        p999=p999,
        worst=round(latencies[-1], 1),
        sent_late_p99=round(_percentile(sorted(late), 0.99) * 1000, 1),
    )


class _Reader:
    """Notes when the first score event of each new lead was read."""

    def __init__(self, consumer: Consumer, prefix: str) -> None:
        self.read_at: dict[bytes, float] = {}
        self._consumer = consumer
        topic = prefix + LEAD_SCORES.name
        consumer.assign(
            [TopicPartition(topic, partition, OFFSET_END) for partition in range(PARTITIONS)]
        )
        consumer.poll(1.0)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._consumer.close()

    def wait_for(self, leads: dict[bytes, float]) -> None:
        """Wait until a score of each of ``leads`` was read.

        Raises:
            TimeoutError: some did not come within 30 s.
        """
        end = time.monotonic() + 30
        while missing := leads.keys() - self.read_at.keys():
            if time.monotonic() > end:
                raise TimeoutError(f"{len(missing)} of {len(leads)} scores never came")
            time.sleep(0.05)

    def _read(self) -> None:
        while not self._stop.is_set():
            message = self._consumer.poll(0.2)
            if message is not None and message.error() is None:
                self.read_at.setdefault(message.key(), time.perf_counter())


def _send(
    servers: Servers, prefix: str, rate: float, seconds: float
) -> tuple[dict[bytes, float], list[float]]:
    """Publish at ``rate``; return when each probe was due, and how late each event was sent."""
    rng = Random(1)  # noqa: S311 - has to be repeatable, guards nothing
    producer = _producer(servers)
    topic = prefix + LEAD_EVENTS.name
    due: dict[bytes, float] = {}
    late: list[float] = []
    records = _records(rate * (seconds + _SETTLED_AFTER) * 2)
    start = at = time.perf_counter() + 0.1
    while at < start + _SETTLED_AFTER + seconds:
        key, value, headers = next(records)
        if (wait := at - time.perf_counter()) > 0:
            time.sleep(wait)
        producer.produce(topic, value, key, headers=headers)
        producer.poll(0)
        if at > start + _SETTLED_AFTER:
            late.append(time.perf_counter() - at)
            if key.startswith(b"new-"):
                due[key] = at
        at += rng.expovariate(rate)
    producer.flush(30)
    return due, late


def _records(count: float) -> Iterator[Record]:
    background = Load(int(count), _LEADS, datetime.now(UTC), run="latency").records()
    for number, record in enumerate(background):
        if number % PROBE_EVERY:
            yield record
        else:
            yield first_event_of(f"new-{number}", f"probe-{number}", datetime.now(UTC))


def _wait_until_idle(servers: Servers, url: str, group: Group, *busy: Contestant) -> None:
    for _ in looks(*busy):
        if group.committed() >= _KNOWN and servers.sql(url, "select count(*) from outbox") == 0:
            return


def _producer(servers: Servers) -> Producer:
    settings: dict[str, Any] = {
        "bootstrap.servers": servers.kafka,
        "acks": "all",
        "enable.idempotence": True,
        "linger.ms": 5,
        "partitioner": "murmur2_random",
        "delivery.report.only.error": True,
        "log_level": 4,
    }
    return Producer(settings)


def _percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
