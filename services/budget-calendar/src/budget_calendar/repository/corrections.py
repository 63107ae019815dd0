"""What people have corrected. A replaced or withdrawn correction stays, to be seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.windows import Window
from budget_calendar.tables import correction as table


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """One correction as entered."""

    id: int
    code: str
    fiscal_year: int
    milestone: str
    window: Window
    reason: str
    made_by: str
    made_at: datetime
    withdrawn_at: datetime | None


async def of(
    connection: AsyncConnection, code: str, fiscal_years: Sequence[int] | None = None
) -> list[StoredCorrection]:
    """All corrections of a municipality, oldest first, those that count no longer included."""
    query = select(table).where(table.c.code == code).order_by(table.c.id)
    if fiscal_years is not None:
        query = query.where(table.c.fiscal_year.in_(fiscal_years))
    return [
        StoredCorrection(
            id=row.id,
            code=row.code,
            fiscal_year=row.fiscal_year,
            milestone=row.milestone,
            window=Window(row.earliest, row.likely, row.latest),
            reason=row.reason,
            made_by=row.made_by,
            made_at=row.made_at,
            withdrawn_at=row.withdrawn_at,
        )
        for row in await connection.execute(query)
    ]


async def replace(  # noqa: PLR0913 - a correction's fields
    connection: AsyncConnection,
    *,
    code: str,
    fiscal_year: int,
    milestone: str,
    window: Window,
    reason: str,
    made_by: str,
    made_at: datetime,
) -> int:
    """Put a correction in force instead of an earlier one of the same milestone; return its id."""
    await withdraw(connection, code, fiscal_year, milestone, at=made_at)
    added: int = (
        await connection.execute(
            insert(table)
            .values(
                code=code,
                fiscal_year=fiscal_year,
                milestone=milestone,
                earliest=window.earliest,
                likely=window.likely,
                latest=window.latest,
                reason=reason,
                made_by=made_by,
                made_at=made_at,
            )
            .returning(table.c.id)
        )
    ).scalar_one()
    return added


async def withdraw(
    connection: AsyncConnection, code: str, fiscal_year: int, milestone: str, *, at: datetime
) -> bool:
    """Let the correction of a milestone count no longer; return whether there was one."""
    result = await connection.execute(
        update(table)
        .where(
            table.c.code == code,
            table.c.fiscal_year == fiscal_year,
            table.c.milestone == milestone,
            table.c.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=at)
    )
    return bool(result.rowcount)
