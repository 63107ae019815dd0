"""Admit what events, people and files report, each once."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from followup import tables
from kakehashi_common.audit import Actor
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer import inbox
from kakehashi_common.db import RawConnection, driver_connection
from kakehashi_common.domain.errors import StateConflictError


@dataclass(frozen=True, slots=True)
class Report:
    """The identity of a report of a person or file."""

    report_id: str
    """Given by whoever reports it."""
    key: UUID
    """The key by which it is admitted, like that of an event."""
    content_hash: int
    """Under one id it is always the same."""


@dataclass(frozen=True, slots=True)
class ReportKind:
    """The names of a kind of reports."""

    one: str
    """In a sentence, such as ``answer``."""
    all: str
    """In the audit, such as ``survey_answers``."""


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


@asynccontextmanager
async def admitted_reports(
    connection: AsyncConnection,
    reports: Sequence[Report],
    kind: ReportKind,
    actor: Actor,
    *,
    dry_run: bool,
) -> AsyncIterator[Sequence[bool]]:
    """Admit reports, and audit them once the body has stored the new ones.

    The value is, for each report, whether it is new: what was reported before changes nothing.

    Args:
        connection: of the transaction that stores them.
        reports: what a person or file reports.
        kind: of these.
        actor: who reports them.
        dry_run: what the body stores is rolled back, and nothing is audited.

    Raises:
        StateConflictError: an id was used for another one before (``report_id_reused``).
    """
    async with connection.begin_nested() as attempt:
        admission = await inbox.admit(
            await driver_connection(connection),
            tables.inbox_table,
            [each.key for each in reports],
            [each.content_hash for each in reports],
        )
        if admission.conflicts:
            reused = reports[admission.conflicts[0]].report_id
            raise StateConflictError(
                f"{reused} was reported before, as another {kind.one}: give this one another id",
                field="report_id",
                code="report_id_reused",
            )
        yield admission.new
        if dry_run:
            await attempt.rollback()
    if not dry_run:
        await actor.record(
            connection, tables.audit_table, f"report_{kind.all}", f"{kind.all}/{sum(admission.new)}"
        )
