"""SQL for a budget cycle's questions about a municipality's pursuits."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.pursuit.state import Status
from budget_calendar.tables import pursuit


async def owners_of_pursuits(connection: AsyncConnection, code: str) -> frozenset[str]:
    """Return the owners of a municipality's pursuits that are under way."""
    owners = await connection.scalars(
        select(pursuit.c.owner)
        .where(pursuit.c.code == code, pursuit.c.status == Status.ACTIVE.value)
        .distinct()
    )
    return frozenset(owners)
