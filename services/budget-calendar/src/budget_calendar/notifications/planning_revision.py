"""The planning revision of a municipality: it grows when what routes are planned from changes."""

from typing import Final

from sqlalchemy import Integer, Select, cast, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.tables import calendar, local_rules, subsidy_edits

_THE_ROW: Final = 1


def revisions() -> Select[tuple[str, int]]:
    """Query by code the revision of calendars, local rules and subsidies together.

    It covers the municipalities that have calendars, as those with pursuits do.
    """
    newest_versions = (
        select(calendar.c.code, func.max(calendar.c.version).label("version"))
        .group_by(calendar.c.code, calendar.c.fiscal_year)
        .subquery()
    )
    of_calendars = (
        select(newest_versions.c.code, func.sum(newest_versions.c.version).label("revision"))
        .group_by(newest_versions.c.code)
        .subquery()
    )
    edits = select(func.coalesce(func.max(subsidy_edits.c.edits), 0)).scalar_subquery()
    rules = func.coalesce(local_rules.c.version, 0)
    return select(
        of_calendars.c.code,
        cast(of_calendars.c.revision + rules + edits, Integer).label("revision"),
    ).select_from(of_calendars.outerjoin(local_rules, local_rules.c.code == of_calendars.c.code))


async def revision(connection: AsyncConnection, code: str) -> int:
    """Return the planning revision of one municipality.

    Ask for it before what it counts is read: a change in between is then notified once more, not
    never.
    """
    query = revisions().subquery()
    found = await connection.scalar(select(query.c.revision).where(query.c.code == code))
    return found or 0


async def note_subsidy_edit(connection: AsyncConnection) -> None:
    """Count an edit of whatever subsidy."""
    statement = insert(subsidy_edits).values(id=_THE_ROW, edits=1)
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=[subsidy_edits.c.id], set_={"edits": subsidy_edits.c.edits + 1}
        )
    )
