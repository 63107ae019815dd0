"""Packets as rows: what people entered, and the verdicts on texts, which are kept by digest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.packet.packet import Entry, Judged, Packet, Verdict

_entries: Final[TypeAdapter[tuple[Entry, ...]]] = TypeAdapter(tuple[Entry, ...])


@dataclass(frozen=True, slots=True)
class StoredPacket:
    """The entries and verdicts that are stored for a packet."""

    packet: Packet
    judged: tuple[Judged, ...] = ()
    version: int = 0
    """Counts the changes."""


async def packet(
    connection: AsyncConnection, handoff_id: str, *, for_change: bool = False
) -> StoredPacket:
    """Return the stored packet; an empty one if nobody has entered anything.

    Args:
        connection: of the transaction.
        handoff_id: the handoff.
        for_change: whether to lock it until the transaction ends.
    """
    its = tables.packet.c
    query = select(its.version, its.entries).where(its.handoff_id == handoff_id)
    if for_change:
        added = insert(tables.packet).values(handoff_id=handoff_id, version=0, entries=[])
        await connection.execute(added.on_conflict_do_nothing())
        query = query.with_for_update()
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return StoredPacket(Packet())
    entries = _entries.validate_python(row.entries, strict=False)
    return StoredPacket(Packet(entries), await _judged(connection, handoff_id), row.version)


async def save(connection: AsyncConnection, handoff_id: str, new: Packet, version: int) -> None:
    """Store what people have entered in a packet that was read for a change."""
    its = tables.packet.c
    await connection.execute(
        tables.packet.update()
        .where(its.handoff_id == handoff_id)
        .values(version=version, entries=_entries.dump_python(new.entries, mode="json"))
    )


async def save_verdict(
    connection: AsyncConnection,
    handoff_id: str,
    entry: Entry,
    verdict: Verdict,
    *,
    by: str,
    at: datetime,
) -> None:
    """Store the verdict on a text, instead of an earlier one on the same text."""
    said = {"verdict": verdict.value, "by": by, "at": at}
    await connection.execute(
        insert(tables.packet_verdict)
        .values(
            handoff_id=handoff_id,
            field=entry.key,
            digest=entry.digest,
            source=entry.source,
            entered_by_person=entry.entered_by_person,
            **said,
        )
        .on_conflict_do_update(index_elements=["handoff_id", "field", "digest"], set_=said)
    )


async def _judged(connection: AsyncConnection, handoff_id: str) -> tuple[Judged, ...]:
    its = tables.packet_verdict.c
    query = select(its.field, its.digest, its.verdict, its.by).where(its.handoff_id == handoff_id)
    rows: Sequence[tuple[str, str, str, str]] = [
        tuple(row) for row in await connection.execute(query)
    ]
    return tuple(Judged(key, digest, Verdict(verdict), by) for key, digest, verdict, by in rows)
