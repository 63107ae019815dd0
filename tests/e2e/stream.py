"""The input of the fault tests, and what must come of it whatever happens on the way.

The events are the demo's: 1,500 leads, 120 days, 22,000 records of which some repeat, some come
late and some use an id twice. Added are records that nobody can read, and publishers that send
no key, so that two consumers meet on one lead. All of it is seeded and lies in fixed days, and the
leads are scored as of their own newest event (``LEAD_SCORING_CLOCK=events``): the expected scores
don't depend on when the tests run.
"""

import random
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.structs import RecordMetadata, TopicPartition

from examples.demo.__main__ import cloud_events
from examples.demo.bad_records import BadRecord, bad_records
from kakehashi_common.cloudevents.codec import STRUCTURED, event_key
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.topics import LEAD_EVENTS
from lead_scoring.domain.days import japan_day
from lead_scoring.domain.lead import Lead
from lead_scoring.domain.scoring import CompiledRules, Evaluation
from lead_scoring.rules import file as rules_file
from lead_scoring.rules.municipality_fields import municipality_fields
from lead_scoring.scoring.event_mapping import fact_of
from tests.support.waiting import eventually

SEED = 20_000
LEADS = 1500
LAST_DAY = datetime(2025, 9, 30, tzinfo=UTC)

_STRUCTURED = 0.1
"""Share of records in structured mode."""
_LITTLE = 100
"""Records in a trickle's piece."""
_KEYLESS = 0.02
"""Share of records whose publisher gives no key: they go to any partition."""


@dataclass(slots=True)
class Sent:
    """One record of the stream."""

    value: bytes | None
    key: bytes | None
    headers: list[tuple[str, bytes]]
    event: UUID | None
    """Which event it carries; ``None`` for one that can't be read."""
    at: tuple[int, int] | None = None
    """Partition and offset, once the broker has it."""


@dataclass(slots=True)
class Stream:
    """Records in the order in which they are sent, and what they amount to."""

    records: list[Sent]
    leads: dict[str, Lead]
    """The leads as the pure domain makes them of the distinct events."""
    events: set[UUID]
    conflicts: int
    """Records that use the id of an earlier event for something else."""

    def again(self) -> "Stream":
        """The same stream, not sent yet."""
        return replace(self, records=[replace(sent, at=None) for sent in self.records])

    def scores(self, rules: str) -> dict[str, Evaluation]:
        """Each lead's score under ``rules`` (YAML) on the day of its newest event."""
        compiled = CompiledRules(rules_file.check(rules), 1, municipality_fields)
        return {
            lead_id: compiled.evaluate(lead, japan_day(lead.last_event_at))
            for lead_id, lead in self.leads.items()
            if lead.last_event_at is not None
        }

    def prefix(self, committed: dict[TopicPartition, int]) -> set[UUID]:
        """The events of the records that lie before the committed offsets."""
        before = {tp.partition: offset for tp, offset in committed.items()}
        return {
            sent.event
            for sent in self.records
            if sent.event is not None
            and sent.at is not None
            and sent.at[1] < before.get(sent.at[0], 0)
        }


@dataclass(slots=True)
class Feed:
    """Sends a stream piece by piece; each partition keeps the order."""

    producer: AIOKafkaProducer
    topic: str
    stream: Stream
    _next: int = 0

    async def send(self, share: float = 1.0) -> None:
        """Send up to this share of the stream, and wait until the broker has all of that."""
        await self._send_to(round(len(self.stream.records) * share))

    async def trickle(self, until: Callable[[], Awaitable[bool]], *, up_to: float) -> None:
        """Send a little at a time, up to this share at most, until a condition holds."""

        async def one_more() -> bool:
            end = round(len(self.stream.records) * up_to)
            await self._send_to(min(end, self._next + _LITTLE))
            return await until()

        await eventually(one_more, within=120, every=0.05)

    async def _send_to(self, end: int) -> None:
        piece = self.stream.records[self._next : end]
        self._next = end
        acknowledged = [
            await self.producer.send(self.topic, s.value, s.key, headers=s.headers) for s in piece
        ]
        for sent, future in zip(piece, acknowledged, strict=True):
            metadata: RecordMetadata = await future
            sent.at = (metadata.partition, metadata.offset)


def made(seed: int = SEED, leads: int = LEADS) -> Stream:
    """The stream, and by the pure domain what it amounts to."""
    rng = random.Random(seed)  # noqa: S311 - a seeded stream is the point
    events = list(cloud_events(seed, LAST_DAY, leads))
    used: defaultdict[str, set[bytes]] = defaultdict(set)
    for event in events:
        used[event["id"]].add(msgspec.json.encode(event["data"]))
    # Of two contents for one id the first counts, so both have to travel in one partition.
    records = [
        _sent(rng, event, keyed=len(used[event["id"]]) > 1 or rng.random() > _KEYLESS)
        for event in events
    ]
    leads_by_id, first = _fold(events)
    conflicts = sum(
        msgspec.json.encode(event["data"]) != first[event["source"], event["id"]]
        for event in events
    )
    poison = [_poison(bad) for run in ("a", "b") for bad in bad_records(LAST_DAY, run)]
    for bad in poison:
        records.insert(rng.randrange(len(records)), bad)
    keys = {event_key(source, event_id) for source, event_id in first}
    return Stream(records, leads_by_id, keys, conflicts)


def _fold(
    events: Sequence[dict[str, Any]],
) -> tuple[dict[str, Lead], dict[tuple[str, str], bytes]]:
    """Fold each distinct event once, in the order of the stream, with no database in sight."""
    models = {model.TYPE: model for model in LEAD_EVENTS.models}
    leads: dict[str, Lead] = {}
    first: dict[tuple[str, str], bytes] = {}
    for attributes in events:
        identity = (attributes["source"], attributes["id"])
        if identity in first:
            continue
        first[identity] = msgspec.json.encode(attributes["data"])
        data = models[attributes["type"]].model_validate(attributes["data"])
        occurred_at = datetime.fromisoformat(attributes["time"])
        event = Event(attributes["id"], attributes["source"], occurred_at, data)
        lead_id = attributes["data"]["lead_id"]
        leads.setdefault(lead_id, Lead(lead_id)).apply(fact_of(event, event_key(*identity)))
    return leads, first


def _sent(rng: random.Random, event: dict[str, Any], *, keyed: bool) -> Sent:
    key = event["partitionkey"].encode() if keyed else None
    identity = event_key(event["source"], event["id"])
    if rng.random() < _STRUCTURED:
        headers = [("content-type", STRUCTURED.encode())]
        return Sent(msgspec.json.encode(event), key, headers, identity)
    names = ("specversion", "id", "source", "type", "time")
    headers = [(f"ce_{name}", event[name].encode()) for name in names]
    headers.append(("content-type", b"application/json"))
    return Sent(msgspec.json.encode(event["data"]), key, headers, identity)


def _poison(bad: BadRecord) -> Sent:
    value = None if bad.value is None else (bad.value + " " * bad.padding).encode()
    return Sent(value, None if bad.key is None else bad.key.encode(), list(_headers(bad)), None)


def _headers(bad: BadRecord) -> Iterator[tuple[str, bytes]]:
    for name, text in bad.headers:
        # aiokafka sends a null header, against its own types
        yield name, None if text is None else text.encode()  # type: ignore[misc]
    for name, digits in bad.hex_headers:
        yield name, bytes.fromhex(digits)
