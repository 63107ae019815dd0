"""Store observed council sessions."""

from collections.abc import Iterable

from pydantic import TypeAdapter
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.domain.council.sessions import BudgetBill, ObservedSession, SessionKind
from budget_calendar.tables import council_session as table

_bills: TypeAdapter[tuple[BudgetBill, ...]] = TypeAdapter(tuple[BudgetBill, ...])


async def put_sessions(connection: AsyncConnection, sessions: Iterable[ObservedSession]) -> None:
    """Insert or replace sessions."""
    rows = [
        {
            "code": session.code,
            "kind": session.kind.value,
            "year": session.year,
            "number": session.number,
            "opens_on": session.opens_on,
            "last_vote_on": session.last_vote_on,
            "bills": _bills.dump_python(session.bills, mode="json"),
            "source": session.source,
        }
        for session in sessions
    ]
    if not rows:
        return
    statement = insert(table)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[table.c.code, table.c.kind, table.c.year, table.c.number],
            set_={
                name: statement.excluded[name]
                for name in ("opens_on", "last_vote_on", "bills", "source")
            },
        ),
        rows,
    )


async def list_sessions(connection: AsyncConnection, code: str) -> tuple[ObservedSession, ...]:
    """Return all sessions of a municipality, oldest first."""
    rows = await connection.execute(
        select(table).where(table.c.code == code).order_by(table.c.last_vote_on, table.c.number)
    )
    return tuple(
        ObservedSession(
            code=row.code,
            kind=SessionKind(row.kind),
            year=row.year,
            number=row.number,
            opens_on=row.opens_on,
            last_vote_on=row.last_vote_on,
            bills=_bills.validate_python(row.bills),
            source=row.source,
        )
        for row in rows
    )
