"""Sellers as rows."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.domain.absences import SellerAbsence
from followup.tables import absence as absence_table
from followup.tables import seller as table
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.business_time import Absence
from kakehashi_common.reads import Read


@dataclass(frozen=True, slots=True)
class Seller:
    """Somebody who sells."""

    seller_id: str
    name: str
    email: str
    signature: str
    """Several lines, below each message."""
    approver: str | None = None
    """The approver of mails in their name; ``None``: they themselves."""
    active: bool = True


async def put(connection: AsyncConnection, seller: Seller) -> None:
    """Store a seller in the place of what was there."""
    values = asdict(seller)
    await connection.execute(
        insert(table)
        .values(values)
        .on_conflict_do_update(index_elements=[table.c.seller_id], set_=values)
    )


async def find(connection: RawConnection, seller_id: str) -> Seller | None:
    """Return a seller."""
    return await seller_of(seller_id).fetch(connection)


def seller_of(seller_id: str | None) -> Read[Seller | None]:
    """Read a seller."""
    return Read(
        "select seller_id, name, email, signature, approver, active from seller "
        "where seller_id = $1",
        [seller_id],
        lambda rows: Seller(*rows[0]) if rows else None,
    )


async def left_with_work(connection: RawConnection) -> list[str]:
    """Return the sellers who have left and hold open approvals, tasks or sequences, by id."""
    rows = await connection.fetch(
        "select seller_id from seller where not active and ("
        "exists (select from approval where approver = seller_id and status = 'pending') "
        "or exists (select from task where owner = seller_id and status = 'open') "
        "or exists (select from sequence where is_open and state ->> 'owner' = seller_id)) "
        "order by seller_id"
    )
    return [row["seller_id"] for row in rows]


async def list_sellers(
    connection: AsyncConnection, *, after: str | None, limit: int
) -> list[Seller]:
    """Return sellers by id, from the one behind ``after`` on."""
    query = select(table).order_by(table.c.seller_id).limit(limit)
    if after is not None:
        query = query.where(table.c.seller_id > after)
    return [Seller(*row) for row in await connection.execute(query)]


async def names(connection: AsyncConnection) -> dict[str, str]:
    """Return the names of all sellers, by id."""
    query = select(table.c.seller_id, table.c.name)
    return {row.seller_id: row.name for row in await connection.execute(query)}


async def put_absence(connection: AsyncConnection, absence: SellerAbsence) -> None:
    """Store an absence in the place of what was there."""
    values = {
        "seller_id": absence.seller_id,
        "absence_id": absence.absence_id,
        "starts": absence.absence.starts,
        "ends": absence.absence.ends,
        "deputy": absence.deputy,
    }
    await connection.execute(
        insert(absence_table)
        .values(values)
        .on_conflict_do_update(
            index_elements=[absence_table.c.seller_id, absence_table.c.absence_id], set_=values
        )
    )


async def absences(connection: AsyncConnection, seller_id: str) -> list[SellerAbsence]:
    """Return a seller's absences, the earliest first."""
    query = (
        select(absence_table)
        .where(absence_table.c.seller_id == seller_id)
        .order_by(absence_table.c.starts, absence_table.c.absence_id)
    )
    return [_absence(row) for row in await connection.execute(query)]


async def absent(connection: RawConnection, seller_id: str) -> list[Absence]:
    """Return when a seller is away, the earliest first."""
    rows = await connection.fetch(
        "select starts, ends from absence where seller_id = $1 order by starts", seller_id
    )
    return [Absence(row["starts"], row["ends"]) for row in rows]


async def away(connection: AsyncConnection, at: datetime) -> dict[str, SellerAbsence]:
    """Return who is away at an instant, by id; of several absences the one that ends last."""
    query = (
        select(absence_table)
        .where(absence_table.c.starts <= at, absence_table.c.ends > at)
        .order_by(absence_table.c.ends)
    )
    found = [_absence(row) for row in await connection.execute(query)]
    return {each.seller_id: each for each in found}


async def delete_absence(
    connection: AsyncConnection, seller_id: str, absence_id: str
) -> SellerAbsence | None:
    """Delete an absence, and return it; ``None``: there is none."""
    row = (
        await connection.execute(
            delete(absence_table)
            .where(absence_table.c.seller_id == seller_id, absence_table.c.absence_id == absence_id)
            .returning(absence_table)
        )
    ).first()
    return None if row is None else _absence(row)


def _absence(row: Row[Any]) -> SellerAbsence:
    return SellerAbsence(row.seller_id, row.absence_id, Absence(row.starts, row.ends), row.deputy)
