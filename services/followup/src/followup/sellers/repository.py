"""Sellers as rows."""

from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from followup.tables import seller as table


@dataclass(frozen=True, slots=True)
class Seller:
    """Somebody who sells."""

    seller_id: str
    name: str
    email: str
    signature: str
    """Several lines, below each message."""
    approver: str | None = None
    """Who approves what goes in their name; ``None``: they themselves."""
    active: bool = True


async def put(connection: AsyncConnection, seller: Seller) -> None:
    """Store a seller in the place of what was there."""
    values = asdict(seller)
    await connection.execute(
        insert(table)
        .values(values)
        .on_conflict_do_update(index_elements=[table.c.seller_id], set_=values)
    )


async def find(connection: AsyncConnection, seller_id: str) -> Seller | None:
    """Return a seller."""
    row = (await connection.execute(select(table).where(table.c.seller_id == seller_id))).first()
    return None if row is None else Seller(*row)


async def list_sellers(
    connection: AsyncConnection, *, after: str | None, limit: int
) -> list[Seller]:
    """Return sellers by id, from the one behind ``after`` on."""
    query = select(table).order_by(table.c.seller_id).limit(limit)
    if after is not None:
        query = query.where(table.c.seller_id > after)
    return [Seller(*row) for row in await connection.execute(query)]
