"""Whether the service counted what an import sent, as its database says.

An event whose id is known with other content is a conflict: what came first counts. Only the
consumer finds that out, after the import, so the import looks into the inbox until its events are
there, and then judges with the consumer's own function. See ADR 0018.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.inbox import Admission
from kakehashi_common.db import Database
from lead_scoring.importer.mapping import RowMapping
from lead_scoring.importer.rejections import RejectionSink
from lead_scoring.importer.row import Rejection, Row
from lead_scoring.importer.row_reader import RowReader
from lead_scoring.importer.rows import encode_row
from lead_scoring.scoring import conflict_detection
from lead_scoring.tables import inbox_table

ROWS_PER_LOOK = 1_000
_LOOK_EVERY = timedelta(milliseconds=300)


@dataclass(slots=True)
class Checked:
    """The result of checking a file's events."""

    counted: int = 0
    """Events that the service has taken in, from this import or an earlier one (those of people on
    its suppression list included, which it leaves out)."""
    conflicts: int = 0
    """Lines with an event whose id is known with other content."""
    missing: int = 0
    """Events that the service does not have (yet)."""
    report_bytes: int = 0


@dataclass(frozen=True, slots=True)
class _Sent:
    row: Row
    received: Received[Any]


@dataclass(slots=True)
class _Found:
    conflicts: list[_Sent] = field(default_factory=list)
    missing: int = 0


async def check_events(
    reader: RowReader,
    mapping: RowMapping,
    database: Database,
    *,
    skipped: int,
    patience: timedelta,
    sinks: Sequence[RejectionSink],
    on_progress: Callable[[Checked], None],
) -> Checked:
    """Compare the events of ``reader``'s rows with what the service has.

    Args:
        reader: the file, from its beginning again.
        mapping: as it was when the events were sent.
        database: the service's.
        skipped: rows at the beginning that an earlier run has checked.
        patience: how long to wait for events when none of them comes.
        sinks: where lines in conflict are reported.
        on_progress: called after each stretch of rows.

    Raises:
        TransientError: the database is unavailable.
    """
    checked = Checked()
    rows = reader.rows()
    for _ in islice(rows, skipped):
        pass
    while stretch := list(islice(rows, ROWS_PER_LOOK)):
        sent = list(_sent(stretch, mapping))
        found = await _look(database, sent, patience)
        if found.missing:
            patience = timedelta()  # whoever is that late won't be there for the rest either
        lost = {each.row.line: each for each in reversed(found.conflicts)}
        rejections = [_conflict(lost[line]) for line in sorted(lost)]
        checked.counted += len(sent) - len(found.conflicts) - found.missing
        checked.missing += found.missing
        checked.conflicts += sum(each.lines for each in rejections)
        checked.report_bytes = max((sink.write(rejections) for sink in sinks), default=0)
        on_progress(checked)
    return checked


def _sent(rows: Sequence[Row | Rejection], mapping: RowMapping) -> Iterator[_Sent]:
    for row in rows:
        read = encode_row(row, mapping) if isinstance(row, Row) else row
        if not isinstance(read, Rejection):
            yield from (_Sent(row, each) for each in read if isinstance(row, Row))


def _conflict(sent: _Sent) -> Rejection:
    event_id = sent.received.event.event_id
    return sent.row.rejected(
        "conflict",
        None,
        f"the event {event_id!r} is known with other content: what came first counts, this line"
        " does not",
    )


async def _look(database: Database, sent: Sequence[_Sent], patience: timedelta) -> _Found:
    """Wait until the service has all events, or no further one comes; find the conflicts."""
    found = await _look_once(database, sent)
    deadline = time.monotonic() + patience.total_seconds()
    while found.missing and time.monotonic() < deadline:
        await asyncio.sleep(_LOOK_EVERY.total_seconds())
        before, found = found.missing, await _look_once(database, sent)
        if found.missing < before:
            deadline = time.monotonic() + patience.total_seconds()
    return found


async def _look_once(database: Database, sent: Sequence[_Sent]) -> _Found:
    batch = [each.received for each in sent]
    async with database.raw_transaction() as connection:
        rows = await connection.fetch(
            f"select event_key, content_hash from {inbox_table.fullname} "  # noqa: S608 - ours
            "where event_key = any($1::uuid[])",
            [received.key for received in batch],
        )
        known: dict[UUID, int] = {row["event_key"]: row["content_hash"] for row in rows}
        differing = [
            position
            for position, received in enumerate(batch)
            if known.get(received.key, received.content_hash) != received.content_hash
        ]
        admission = Admission(new=[False] * len(batch), conflicts=differing)
        conflicting = await conflict_detection.conflicts(connection, batch, admission)
    lost = {id(received) for received in conflicting}
    return _Found(
        conflicts=[each for each in sent if id(each.received) in lost],
        missing=sum(received.key not in known for received in batch),
    )
