"""(a) The floor: the hot path of the design with no scoring, as the strongest simple program.

A reader task fetches batches of 2,000 and hands them over a queue of two. One transaction a batch:
the event log that is its own inbox, the leads guarded by a version, one outbox row a lead. Then
the offset. It counts what a lead did and nothing else: no rules, no explanation, no history, no
search by grade, no erasure, no dead letters, no retries, no rebalances, no telemetry.

Run by the harness as a process of its own, as our consumer is: ``python -m benchmarks.floor``.
"""

import argparse
import asyncio
import signal
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any

import asyncpg
import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from asyncpg.pgproto import pgproto

SCHEMA = """
create table event (
    event_key uuid primary key,
    lead_id text collate "C" not null,
    occurred_at timestamptz not null,
    type text not null,
    data bytea not null
);
create table lead (
    lead_id text collate "C" primary key,
    version int not null,
    last_event_at timestamptz not null,
    activity bytea not null
) with (fillfactor = 70);
create table outbox (
    id bigint generated always as identity primary key,
    topic text not null,
    key bytea not null,
    value bytea not null,
    headers bytea not null
);
"""

_ADMIT = """
    insert into event select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[],
        $5::bytea[]) on conflict do nothing returning event_key
"""
_LOAD = "select lead_id, version, last_event_at, activity from lead where lead_id = any($1::text[])"
_SAVE = """
    insert into lead as l select * from unnest($1::text[], $2::int[], $3::timestamptz[],
        $4::bytea[])
    on conflict (lead_id) do update set version = excluded.version,
        last_event_at = excluded.last_event_at, activity = excluded.activity
    where l.version = excluded.version - 1
"""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(dict[str, int]).decode
_json = msgspec.json.Encoder().encode
_HEADERS = _pack([("ce_type", b"benchmark.lead_counted.v1"), ("content-type", b"application/json")])


class Data(msgspec.Struct):
    """The fields of an event's data that the floor reads."""

    lead_id: str
    kind: str = ""
    category: str | None = None


_data = msgspec.json.Decoder(Data).decode


@dataclass(slots=True)
class Lead:
    """The state that the floor keeps for a lead."""

    lead_id: str
    version: int = 0
    last_event_at: datetime | None = None
    activity: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Batch:
    """Decoded events, column by column, and the offsets that come after them."""

    keys: list[Any]
    lead_ids: list[str]
    times: list[datetime]
    types: list[str]
    values: list[bytes]
    signals: list[str]
    offsets: dict[TopicPartition, int]


async def decode(fetched: dict[TopicPartition, Sequence[ConsumerRecord[bytes, bytes]]]) -> Batch:
    """Decode what one poll returned; the writer goes first whenever the database has answered."""
    batch = Batch([], [], [], [], [], [], {})
    for partition, records in fetched.items():
        for position, record in enumerate(records):
            if position % 100 == 0:
                await asyncio.sleep(0)
            headers = dict(record.headers)
            data = _data(record.value)
            identity = headers["ce_source"] + b"\0" + headers["ce_id"]
            batch.keys.append(pgproto.UUID(blake2b(identity, digest_size=16).digest()))
            batch.lead_ids.append(data.lead_id)
            batch.times.append(datetime.fromisoformat(headers["ce_time"].decode()))
            batch.types.append(headers["ce_type"].decode())
            batch.values.append(record.value)
            batch.signals.append(f"{data.kind}/{data.category}")
        batch.offsets[partition] = records[-1].offset + 1
    return batch


async def write(connection: Any, cache: dict[str, Lead], batch: Batch, topic: str) -> None:
    """Write one batch in one transaction."""
    async with connection.transaction():
        inserted = await connection.fetch(
            _ADMIT, batch.keys, batch.lead_ids, batch.times, batch.types, batch.values
        )
        new = {row[0] for row in inserted}
        happened: defaultdict[str, list[int]] = defaultdict(list)
        for position, key in enumerate(batch.keys):
            if key in new:
                happened[batch.lead_ids[position]].append(position)
        if missing := [lead_id for lead_id in happened if lead_id not in cache]:
            for row in await connection.fetch(_LOAD, missing):
                cache[row[0]] = Lead(row[0], row[1], row[2], _unpack(row[3]))
        leads = []
        for lead_id, positions in happened.items():
            lead = cache.get(lead_id) or cache.setdefault(lead_id, Lead(lead_id))
            for position in positions:
                signal_name = batch.signals[position]
                lead.activity[signal_name] = lead.activity.get(signal_name, 0) + 1
                at = batch.times[position]
                if lead.last_event_at is None or at > lead.last_event_at:
                    lead.last_event_at = at
            lead.version += 1
            leads.append(lead)
        status = await connection.execute(
            _SAVE,
            [lead.lead_id for lead in leads],
            [lead.version for lead in leads],
            [lead.last_event_at for lead in leads],
            [_pack(lead.activity) for lead in leads],
        )
        if int(status.rsplit(" ", 1)[-1]) != len(leads):
            raise RuntimeError("another writer changed these leads")
        await connection.copy_records_to_table(
            "outbox",
            records=[
                (topic, lead.lead_id.encode(), _json(lead.activity), _HEADERS) for lead in leads
            ],
            columns=("topic", "key", "value", "headers"),
        )


async def consume(servers: str, database: str, topic: str, group: str) -> None:
    """Consume until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    connection = await asyncpg.connect(database, server_settings={"jit": "off"})
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=servers,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    queue: asyncio.Queue[Batch] = asyncio.Queue(2)

    async def read() -> None:
        while True:
            if fetched := await consumer.getmany(timeout_ms=100, max_records=2000):
                await queue.put(await decode(fetched))

    async def work() -> None:
        cache: dict[str, Lead] = {}
        while True:
            batch = await queue.get()
            await write(connection, cache, batch, "lead-counts")
            await consumer.commit(batch.offsets)

    tasks = [asyncio.create_task(each) for each in (read(), work(), _until(stop))]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    await consumer.stop()
    await connection.close()
    for task in done:
        task.result()


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("servers", "database", "topic", "group"):
        parser.add_argument(f"--{name}", required=True)
    uvloop.run(consume(**vars(parser.parse_args())))
