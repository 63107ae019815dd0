"""Store every version of a calendar as a document, and the newest also as searchable rows."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.tables import calendar as table
from budget_calendar.tables import calendar_milestone, calendar_phase

_document = TypeAdapter(BudgetCalendar)


@dataclass(frozen=True, slots=True)
class CalendarVersion:
    """A version of a calendar: who had it computed, when and why."""

    code: str
    fiscal_year: int
    version: int
    cause: str
    reason: str
    computed_by: str
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCalendar:
    """One version of a calendar."""

    version: CalendarVersion
    calendar: BudgetCalendar


async def get_newest(
    connection: AsyncConnection, code: str, fiscal_year: int
) -> StoredCalendar | None:
    """Return the newest version, if there is one."""
    return (await get_newest_by_year(connection, code, (fiscal_year,))).get(fiscal_year)


async def get_newest_by_year(
    connection: AsyncConnection, code: str, fiscal_years: Sequence[int]
) -> dict[int, StoredCalendar]:
    """Return the newest versions by year; years without a calendar are missing."""
    return await _newest(connection, code, table.c.fiscal_year.in_(fiscal_years))


async def get_newest_since(
    connection: AsyncConnection, code: str, fiscal_year: int
) -> dict[int, StoredCalendar]:
    """Return the newest versions by year, from ``fiscal_year`` on."""
    return await _newest(connection, code, table.c.fiscal_year >= fiscal_year)


async def _newest(
    connection: AsyncConnection, code: str, years: ColumnElement[bool]
) -> dict[int, StoredCalendar]:
    rows = await connection.execute(
        select(table)
        .where(table.c.code == code, years)
        .order_by(table.c.fiscal_year, table.c.version.desc())
        .ext(distinct_on(table.c.fiscal_year))
    )
    return {
        row.fiscal_year: StoredCalendar(_version(row), _document.validate_python(row.document))
        for row in rows
    }


async def get_newest_by_code(
    connection: AsyncConnection, codes: Sequence[str], fiscal_year: int
) -> dict[str, BudgetCalendar]:
    """Return the newest stored calendars of municipalities, by code."""
    rows = await connection.execute(
        select(table.c.code, table.c.document)
        .where(table.c.code.in_(codes), table.c.fiscal_year == fiscal_year)
        .order_by(table.c.code, table.c.version.desc())
        .ext(distinct_on(table.c.code))
    )
    return {row.code: _document.validate_python(row.document) for row in rows}


async def get_version(
    connection: AsyncConnection, code: str, fiscal_year: int, number: int
) -> StoredCalendar | None:
    """Return one version, if there is one."""
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
    return StoredCalendar(_version(row), _document.validate_python(row.document))


async def list_made_at(
    connection: AsyncConnection, code: str, cause: str, reason: str, who: str, at: datetime
) -> list[StoredCalendar]:
    """Return the versions that one change made, by year."""
    rows = await connection.execute(
        select(table)
        .where(*_made(code, cause, reason, who), table.c.computed_at == at)
        .order_by(table.c.fiscal_year, table.c.version)
    )
    return [StoredCalendar(_version(row), _document.validate_python(row.document)) for row in rows]


async def get_last_made_at(
    connection: AsyncConnection, code: str, cause: str, reason: str, who: str
) -> datetime | None:
    """Return when somebody last made versions of a municipality for this cause and reason."""
    found: datetime | None = await connection.scalar(
        select(func.max(table.c.computed_at)).where(*_made(code, cause, reason, who))
    )
    return found


def _made(code: str, cause: str, reason: str, who: str) -> tuple[ColumnElement[bool], ...]:
    return (
        table.c.code == code,
        table.c.cause == cause,
        table.c.reason == reason,
        table.c.computed_by == who,
    )


async def list_versions(
    connection: AsyncConnection, code: str, fiscal_year: int, *, before: int | None, limit: int
) -> list[CalendarVersion]:
    """Return versions of one year without documents, newest first, older than ``before``."""
    query = (
        select(*(column for column in table.c if column.name != "document"))
        .where(table.c.code == code, table.c.fiscal_year == fiscal_year)
        .order_by(table.c.version.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(table.c.version < before)
    return [_version(row) for row in await connection.execute(query)]


async def add(connection: AsyncConnection, stored: Sequence[StoredCalendar]) -> None:
    """Insert new versions of some years of one municipality."""
    if not stored:
        return
    await connection.execute(insert(table), [_row(each) for each in stored])
    code = stored[0].version.code
    known = [each.version.fiscal_year for each in stored if each.version.version > 1]
    for rows in (calendar_milestone, calendar_phase) if known else ():
        await connection.execute(
            delete(rows).where(rows.c.code == code, rows.c.fiscal_year.in_(known))
        )
    await connection.execute(
        insert(calendar_milestone), [row for each in stored for row in _milestone_rows(each)]
    )
    await connection.execute(
        insert(calendar_phase), [row for each in stored for row in _phase_rows(each)]
    )


def is_replaced(kept_for: timedelta) -> ColumnElement[bool]:
    """Return a condition: a newer version replaced this one more than ``kept_for`` ago."""
    newer = table.alias("newer")
    return (
        select(newer.c.version)
        .where(
            newer.c.code == table.c.code,
            newer.c.fiscal_year == table.c.fiscal_year,
            newer.c.version > table.c.version,
            newer.c.computed_at < func.now() - kept_for,
        )
        .exists()
    )


def _row(stored: StoredCalendar) -> dict[str, object]:
    return asdict(stored.version) | {
        "document": _document.dump_python(stored.calendar, mode="json")
    }


def _milestone_rows(stored: StoredCalendar) -> Iterator[dict[str, object]]:
    for each in stored.calendar.milestones:
        yield {
            "code": stored.version.code,
            "fiscal_year": stored.version.fiscal_year,
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


def _phase_rows(stored: StoredCalendar) -> Iterator[dict[str, object]]:
    for span in stored.calendar.phases:
        yield {
            "code": stored.version.code,
            "fiscal_year": stored.version.fiscal_year,
            "phase": span.phase.value,
            "begins": span.begins.window.likely,
            "ends": span.ends.likely,
            "basis": span.begins.basis.value,
        }


def _version(row: object) -> CalendarVersion:
    return CalendarVersion(
        **{name: getattr(row, name) for name in CalendarVersion.__dataclass_fields__}
    )
