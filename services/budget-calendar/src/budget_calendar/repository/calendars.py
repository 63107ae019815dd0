"""Calendars as computed: every version whole, the newest again in rows that can be searched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import and_, delete, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.calendar import BudgetCalendar
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


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """One milestone of one municipality, as lists show it."""

    code: str
    fiscal_year: int
    key: str
    kind: str
    number: int | None
    earliest: date
    likely: date
    latest: date
    basis: str
    source: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one municipality stands on a day, and what comes next."""

    code: str
    fiscal_year: int
    phase: str
    phase_begins: date
    phase_ends: date
    phase_basis: str
    next_key: str | None
    """The next milestone of the kinds asked for."""
    next_earliest: date | None
    next_likely: date | None
    next_latest: date | None
    next_basis: str | None


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


async def fiscal_years(connection: AsyncConnection, code: str) -> list[int]:
    """The years of which a calendar is stored, in order."""
    rows = await connection.scalars(
        select(table.c.fiscal_year).where(table.c.code == code).distinct().order_by("fiscal_year")
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
    for rows in (calendar_milestone, calendar_phase):
        await connection.execute(
            delete(rows).where(rows.c.code == about.code, rows.c.fiscal_year == about.fiscal_year)
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


async def standings(
    connection: AsyncConnection, day: date, kinds: Sequence[str], codes: Sequence[str] | None
) -> list[Standing]:
    """Where municipalities stand on ``day``, by code; ``codes=None`` means all that are stored.

    ``kinds`` are the kinds of milestones of which the next one is shown.
    """
    upcoming = (
        select(
            calendar_milestone,
            func.row_number()
            .over(
                partition_by=calendar_milestone.c.code,
                order_by=(calendar_milestone.c.likely, calendar_milestone.c.key),
            )
            .label("place"),
        )
        .where(calendar_milestone.c.likely >= day, calendar_milestone.c.kind.in_(kinds))
        .subquery()
    )
    query = (
        select(
            calendar_phase,
            upcoming.c.key,
            upcoming.c.earliest,
            upcoming.c.likely,
            upcoming.c.latest,
            upcoming.c.basis.label("next_basis"),
        )
        .select_from(
            calendar_phase.outerjoin(
                upcoming, and_(upcoming.c.code == calendar_phase.c.code, upcoming.c.place == 1)
            )
        )
        .where(calendar_phase.c.begins <= day, calendar_phase.c.ends >= day)
        .order_by(calendar_phase.c.code)
    )
    if codes is not None:
        query = query.where(calendar_phase.c.code.in_(codes))
    return [
        Standing(
            code=row.code,
            fiscal_year=row.fiscal_year,
            phase=row.phase,
            phase_begins=row.begins,
            phase_ends=row.ends,
            phase_basis=row.basis,
            next_key=row.key,
            next_earliest=row.earliest,
            next_likely=row.likely,
            next_latest=row.latest,
            next_basis=row.next_basis,
        )
        for row in await connection.execute(query)
    ]


async def upcoming(
    connection: AsyncConnection,
    *,
    first: date,
    last: date,
    kinds: Sequence[str] | None,
    codes: Sequence[str] | None,
    after: tuple[date, str, str] | None,
    limit: int,
) -> list[MilestoneRow]:
    """Milestones that likely fall between two days, by day, code and key, behind ``after``."""
    rows = calendar_milestone.c
    query = (
        select(calendar_milestone)
        .where(rows.likely >= first, rows.likely <= last)
        .order_by(rows.likely, rows.code, rows.key)
        .limit(limit)
    )
    if kinds is not None:
        query = query.where(rows.kind.in_(kinds))
    if codes is not None:
        query = query.where(rows.code.in_(codes))
    if after is not None:
        query = query.where(
            func.row(rows.likely, rows.code, rows.key) > func.row(after[0], after[1], after[2])
        )
    return [MilestoneRow(**row._mapping) for row in await connection.execute(query)]  # noqa: SLF001


def _version(row: object) -> Version:
    return Version(**{name: getattr(row, name) for name in Version.__dataclass_fields__})
