"""Notices as rows: taken by one of several processes, and each mail handed over at most once.

A notice that is taken is due again after :data:`LEASE`, so that what a killed process had in hand
is sent by another one, unless it had been handed to the mail server.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.sellers.repository import Seller
from followup.tables import notice as table
from followup.tables import seller as seller_table

LEASE: Final = timedelta(minutes=15)
"""Longer than a mail server may take to answer."""


class NoticeKind(StrEnum):
    """The kind of a notice."""

    DAILY_LIST = "daily_list"
    REMINDER = "reminder"
    ANSWER = "answer"


class Channel(StrEnum):
    """The channel by which a notice is sent."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class NoticeState(StrEnum):
    """The state of a notice."""

    DUE = "due"
    """To be sent, or tried again."""
    SENDING = "sending"
    """Handed to the mail server; if it stays so, no answer came, and it is not sent again."""
    SENT = "sent"
    NOT_NEEDED = "not_needed"
    """There was nothing to notify of, or not any more."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice to one seller, or by webhook.

    Args:
        notice_id: the same for the same notice, so that it is there once.
        seller_id: to whom a mail goes.
        work_id: of the approval or task of a reminder; of an answer the digest of the mail.
        day: of a daily list, in Japan.
        attempts: that were begun.
    """

    notice_id: str
    kind: NoticeKind
    channel: Channel
    seller_id: str | None
    work_id: str | None
    day: date | None
    attempts: int = 0

    @classmethod
    def daily_list(cls, seller_id: str, day: date) -> "Notice":
        """Return the notice of a seller's list of a day."""
        identity = f"daily.{seller_id}.{day.isoformat()}"
        return cls(identity, NoticeKind.DAILY_LIST, Channel.MAIL, seller_id, None, day)

    @classmethod
    def reminder(cls, work_id: str, channel: Channel, seller_id: str | None) -> "Notice":
        """Return the notice of an approval or task that nobody has taken."""
        identity = f"reminder.{channel}.{work_id}"
        return cls(identity, NoticeKind.REMINDER, channel, seller_id, work_id, None)

    @classmethod
    def answer(cls, digest: str, seller_id: str) -> "Notice":
        """Return the notice of an answer to a mail."""
        identity = f"answer.{digest}"
        return cls(identity, NoticeKind.ANSWER, Channel.MAIL, seller_id, digest, None)


async def add(
    connection: AsyncConnection,
    notice: Notice,
    now: datetime,
    state: NoticeState = NoticeState.DUE,
) -> None:
    """Add a notice; one that is there already is left as it is."""
    values = {name: getattr(notice, name) for name in Notice.__slots__}
    await connection.execute(
        insert(table)
        .values(**values, state=state, due_at=now, created_at=now, reason="")
        .on_conflict_do_nothing()
    )


async def sellers_without_daily_list(connection: AsyncConnection, day: date) -> list[Seller]:
    """Return the active sellers whose list of a day has not been decided on yet."""
    decided = exists().where(table.c.seller_id == seller_table.c.seller_id, table.c.day == day)
    query = select(seller_table).where(seller_table.c.active, ~decided)
    return [Seller(*row) for row in await connection.execute(query)]


async def take(connection: AsyncConnection, now: datetime, limit: int) -> list[Notice]:
    """Take due notices, the longest due first."""
    due = (
        select(table.c.notice_id)
        .where(table.c.state == NoticeState.DUE, table.c.due_at <= now)
        .order_by(table.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = await connection.execute(
        update(table)
        .where(table.c.notice_id == due.c.notice_id)
        .values(due_at=now + LEASE, attempts=table.c.attempts + 1)
        .returning(*(table.c[name] for name in Notice.__slots__))
    )
    return [_notice(row) for row in taken]


async def claim(connection: AsyncConnection, notice_id: str) -> bool:
    """Record that a mail is being handed over; ``False``: another process has done so."""
    claimed = await connection.execute(
        update(table)
        .where(table.c.notice_id == notice_id, table.c.state == NoticeState.DUE)
        .values(state=NoticeState.SENDING)
    )
    return claimed.rowcount > 0


async def settle(
    connection: AsyncConnection,
    notice_id: str,
    state: NoticeState,
    now: datetime,
    *,
    reason: str = "",
    again_at: datetime | None = None,
) -> None:
    """Record the final state of a notice, or when it is tried again."""
    values: dict[str, Any] = {"state": state, "reason": reason}
    values |= {"settled_at": func.coalesce(table.c.settled_at, now)} if again_at is None else {}
    values |= {} if again_at is None else {"due_at": again_at}
    await connection.execute(update(table).where(table.c.notice_id == notice_id).values(values))


def _notice(row: Row[Any]) -> Notice:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's name for it
    values["kind"] = NoticeKind(values["kind"])
    values["channel"] = Channel(values["channel"])
    return Notice(**values)
