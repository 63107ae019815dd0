"""Calendars as computed: every version whole, the newest again in rows that can be searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Integer, Select, cast, delete, func, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.tables import calendar as table
from budget_calendar.tables import calendar_milestone, calendar_phase

_document = TypeAdapter(BudgetCalendar)


@dataclass(frozen=True, slots=True)
class Version:
    """Which calendar it is, and who had it computed when and why."""

    code: str
    fiscal_year: int
    version: int
    cause: str
    reason: str
    computed_by: str
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a calendar."""

    version: Version
    calendar: BudgetCalendar


async def lock(connection: AsyncConnection, code: str) -> None:
    """Let nobody else revise this municipality's calendars until the transaction ends."""
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtext('calendar'), hashtext(:code))"), {"code": code}
    )


async def newest(connection: AsyncConnection, code: str, fiscal_year: int) -> Stored | None:
    """The newest version, if there is one."""
    row = (
        await connection.execute(
            select(table)
            .where(table.c.code == code, table.c.fiscal_year == fiscal_year)
            .order_by(table.c.version.desc())
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return None
    return Stored(_version(row), _document.validate_python(row.document))


async def newest_of(
    connection: AsyncConnection, codes: Sequence[str], fiscal_year: int
) -> dict[str, BudgetCalendar]:
    """The newest calendars of several municipalities, by code; those that are stored."""
    rows = await connection.execute(
        select(table.c.code, table.c.document)
        .where(table.c.code.in_(codes), table.c.fiscal_year == fiscal_year)
        .order_by(table.c.code, table.c.version.desc())
        .ext(distinct_on(table.c.code))
    )
    return {row.code: _document.validate_python(row.document) for row in rows}


async def newest_of_years(
    connection: AsyncConnection, code: str, fiscal_years: Sequence[int]
) -> dict[int, Stored]:
    """The newest versions by year, of those years that have one."""
    found = {year: await newest(connection, code, year) for year in fiscal_years}
    return {year: stored for year, stored in found.items() if stored is not None}


async def version(
    connection: AsyncConnection, code: str, fiscal_year: int, number: int
) -> Stored | None:
    """One version, if there is one."""
    row = (
        await connection.execute(
            select(table).where(
                table.c.code == code,
                table.c.fiscal_year == fiscal_year,
                table.c.version == number,
            )
        )
    ).one_or_none()
    if row is None:
        return None
    return Stored(_version(row), _document.validate_python(row.document))


async def versions(
    connection: AsyncConnection, code: str, fiscal_year: int, *, before: int | None, limit: int
) -> list[Version]:
    """Versions of one year, newest first, from the one before ``before`` on; no documents."""
    query = (
        select(*(column for column in table.c if column.name != "document"))
        .where(table.c.code == code, table.c.fiscal_year == fiscal_year)
        .order_by(table.c.version.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(table.c.version < before)
    return [_version(row) for row in await connection.execute(query)]


def revisions() -> Select[tuple[str, int]]:
    """Query by code the revision of each municipality's calendars: the sum of their versions."""
    newest_versions = (
        select(table.c.code, func.max(table.c.version).label("version"))
        .group_by(table.c.code, table.c.fiscal_year)
        .subquery()
    )
    return select(
        newest_versions.c.code,
        cast(func.sum(newest_versions.c.version), Integer).label("revision"),
    ).group_by(newest_versions.c.code)


async def revision(connection: AsyncConnection, code: str) -> int:
    """The revision of a municipality's calendars; it grows with every new version of any year."""
    query = revisions().subquery()
    found = await connection.scalar(select(query.c.revision).where(query.c.code == code))
    return found or 0


async def fiscal_years(connection: AsyncConnection, code: str, *, since: int) -> list[int]:
    """The years from ``since`` on of which a calendar is stored, in order."""
    rows = await connection.scalars(
        select(table.c.fiscal_year)
        .where(table.c.code == code, table.c.fiscal_year >= since)
        .distinct()
        .order_by("fiscal_year")
    )
    return list(rows)


async def add(connection: AsyncConnection, stored: Stored) -> None:
    """Add a version, which is now the newest."""
    about = stored.version
    await connection.execute(
        insert(table).values(
            code=about.code,
            fiscal_year=about.fiscal_year,
            version=about.version,
            document=_document.dump_python(stored.calendar, mode="json"),
            cause=about.cause,
            reason=about.reason,
            computed_by=about.computed_by,
            computed_at=about.computed_at,
        )
    )
    key = {"code": about.code, "fiscal_year": about.fiscal_year}
    if about.version > 1:
        for rows in (calendar_milestone, calendar_phase):
            await connection.execute(
                delete(rows).where(
                    rows.c.code == about.code, rows.c.fiscal_year == about.fiscal_year
                )
            )
    await connection.execute(
        insert(calendar_milestone),
        [
            {
                **key,
                "key": each.key,
                "kind": each.kind.value,
                "number": each.number,
                "earliest": each.estimate.window.earliest,
                "likely": each.estimate.window.likely,
                "latest": each.estimate.window.latest,
                "basis": each.estimate.basis.value,
                "source": each.estimate.source,
                "confidence": each.estimate.confidence,
            }
            for each in stored.calendar.milestones
        ],
    )
    await connection.execute(
        insert(calendar_phase),
        [
            {
                **key,
                "phase": span.phase.value,
                "begins": span.begins.window.likely,
                "ends": span.ends.likely,
                "basis": span.begins.basis.value,
            }
            for span in stored.calendar.phases
        ],
    )


def _version(row: object) -> Version:
    return Version(**{name: getattr(row, name) for name in Version.__dataclass_fields__})
