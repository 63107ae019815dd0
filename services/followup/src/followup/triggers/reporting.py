"""Admit what events, people and files report, each once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from followup import tables
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer import inbox
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.errors import StateConflictError


async def new_events(
    connection: RawConnection, batch: Sequence[Received[Any]]
) -> list[Received[Any]]:
    """Return the events of a batch that did not come before.

    Args:
        connection: of the transaction that stores what they say.
        batch: of one type.
    """
    admission = await inbox.admit(
        connection,
        tables.inbox_table,
        [each.key for each in batch],
        [each.content_hash for each in batch],
    )
    return [each for each, new in zip(batch, admission.new, strict=True) if new]


async def admit_reports(
    connection: RawConnection,
    report_ids: Sequence[str],
    keys: Sequence[UUID],
    hashes: Sequence[int],
    what: str,
) -> Sequence[bool]:
    """Return which reports are new; what was reported before changes nothing.

    Args:
        connection: of the transaction that stores them.
        report_ids: the reporter's.
        keys: of each, as of an event.
        hashes: of what each says.
        what: is reported, such as ``reason``.

    Raises:
        StateConflictError: an id was used for another one before (``report_id_reused``).
    """
    admission = await inbox.admit(connection, tables.inbox_table, keys, hashes)
    if admission.conflicts:
        reused = report_ids[admission.conflicts[0]]
        raise StateConflictError(
            f"{reused} was reported before, as another {what}: give this one another id",
            field="report_id",
            code="report_id_reused",
        )
    return admission.new
