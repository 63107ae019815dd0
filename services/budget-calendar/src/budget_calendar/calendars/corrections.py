"""Stored corrections. A replaced or withdrawn one is kept, so that people see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.windows import Window
from budget_calendar.tables import correction as table


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """A correction, and the time of its withdrawal."""

    id: int
    correction: Correction
    withdrawn_at: datetime | None


async def list_corrections(
    connection: AsyncConnection, code: str, fiscal_years: Sequence[int] | None = None
) -> list[StoredCorrection]:
    """Return all corrections of a municipality, oldest first, including withdrawn ones."""
    query = select(table).where(table.c.code == code).order_by(table.c.id)
    if fiscal_years is not None:
        query = query.where(table.c.fiscal_year.in_(fiscal_years))
    return [
        StoredCorrection(
            id=row.id,
            correction=Correction(
                code=row.code,
                fiscal_year=row.fiscal_year,
                key=row.key,
                window=Window(row.earliest, row.likely, row.latest),
                source=row.source,
                reason=row.reason,
                by=row.made_by,
                at=row.made_at,
            ),
            withdrawn_at=row.withdrawn_at,
        )
        for row in await connection.execute(query)
    ]


async def replace(connection: AsyncConnection, correction: Correction) -> None:
    """Insert a correction and withdraw the earlier one of the same milestone."""
    await withdraw(
        connection, correction.code, correction.fiscal_year, correction.key, at=correction.at
    )
    await connection.execute(
        insert(table).values(
            code=correction.code,
            fiscal_year=correction.fiscal_year,
            key=correction.key,
            earliest=correction.window.earliest,
            likely=correction.window.likely,
            latest=correction.window.latest,
            source=correction.source,
            reason=correction.reason,
            made_by=correction.by,
            made_at=correction.at,
        )
    )


async def withdraw(
    connection: AsyncConnection, code: str, fiscal_year: int, key: str, *, at: datetime
) -> bool:
    """Withdraw the correction of a milestone and return whether there was one."""
    result = await connection.execute(
        update(table)
        .where(
            table.c.code == code,
            table.c.fiscal_year == fiscal_year,
            table.c.key == key,
            table.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at)
    )
    return bool(result.rowcount)
