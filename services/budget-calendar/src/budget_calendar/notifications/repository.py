"""Workflows to notify of new revisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    DateTime,
    Select,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.pursuit.state import Status
from budget_calendar.notifications.planning_revision import revisions
from budget_calendar.notifications.workflow_names import WorkflowKind
from budget_calendar.tables import follow, pursuit


@dataclass(frozen=True, slots=True)
class PendingNotification:
    """A workflow that hasn't started, or hasn't been notified of the newest revision."""

    kind: WorkflowKind
    id: str
    """The municipality's code, or the pursuit's id."""
    revision: int = 0
    """The newest revision to notify it of."""
    since: datetime | None = None
    """Since when a municipality is followed: followed again, it has to be started again."""


async def count_revision(connection: AsyncConnection, code: str) -> None:
    """Count a revision of a municipality's calendars, so that its budget cycle is notified."""
    await connection.execute(
        update(follow).where(follow.c.code == code).values(revision=follow.c.revision + 1)
    )


async def find_pending(
    connection: AsyncConnection, code: str | None, limit: int
) -> list[PendingNotification]:
    """Return the notifications to send, of one municipality or of all."""
    found = union_all(_pending_cycles(), _pending_pursuits()).subquery()
    query = select(found).order_by(found.c.kind, found.c.id).limit(limit)
    if code is not None:
        query = query.where(found.c.code == code)
    return [
        PendingNotification(WorkflowKind(row.kind), row.id, row.revision, row.since)
        for row in await connection.execute(query)
    ]


def _pending_cycles() -> Select[Any]:
    return select(
        literal(WorkflowKind.BUDGET_CYCLE.value).label("kind"),
        follow.c.code.label("id"),
        follow.c.code,
        follow.c.revision,
        follow.c.since,
    ).where(or_(~follow.c.started, follow.c.told < follow.c.revision))


def _pending_pursuits() -> Select[Any]:
    """Select pursuits planned by older calendars, rules or subsidies than the stored ones.

    The comparison misses no revision, whoever made it and whenever the pursuit began.
    """
    now = revisions().subquery()
    return (
        select(
            literal(WorkflowKind.PURSUIT.value).label("kind"),
            pursuit.c.id,
            pursuit.c.code,
            now.c.revision,
            cast(null(), DateTime(timezone=True)).label("since"),
        )
        .join(now, now.c.code == pursuit.c.code)
        .where(pursuit.c.status != Status.ENDED.value, pursuit.c.calendar_told < now.c.revision)
    )


async def record_notified(
    connection: AsyncConnection, notified: Sequence[PendingNotification]
) -> None:
    """Record that these workflows run and have been notified of these revisions.

    A municipality that has been followed again in the meantime is left as it is: the notification
    may have gone to a workflow that was about to end.
    """
    cycles = [each for each in notified if each.kind is WorkflowKind.BUDGET_CYCLE]
    pursuits = [each for each in notified if each.kind is WorkflowKind.PURSUIT]
    if cycles:
        await connection.execute(
            update(follow)
            .where(follow.c.code == bindparam("of"), follow.c.since == bindparam("followed_since"))
            .values(started=True, told=func.greatest(follow.c.told, bindparam("notified"))),
            [
                {"of": each.id, "notified": each.revision, "followed_since": each.since}
                for each in cycles
            ],
        )
    if pursuits:
        await connection.execute(
            update(pursuit)
            .where(pursuit.c.id == bindparam("of"))
            .values(calendar_told=func.greatest(pursuit.c.calendar_told, bindparam("notified"))),
            [{"of": each.id, "notified": each.revision} for each in pursuits],
        )
