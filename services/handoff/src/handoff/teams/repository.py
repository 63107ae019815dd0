"""Teams, members, absences and territories, as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Row, Table, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.teams.members import Function, Member, Role, Team, WeeklyHours
from handoff.domain.teams.territories import Territory
from kakehashi_common.domain.business_time import Absence

_hours: Final[TypeAdapter[WeeklyHours]] = TypeAdapter(WeeklyHours)


@dataclass(frozen=True, slots=True)
class StoredAbsence:
    """One absence of one member."""

    member_id: str
    absence_id: str
    absence: Absence


_EXCLUSIVE: Final = text("select pg_advisory_xact_lock(hashtext('handoff/teams'))")
_SHARED: Final = text("select pg_advisory_xact_lock_shared(hashtext('handoff/teams'))")

Stored = Team | Member | StoredAbsence | Territory


async def lock(connection: AsyncConnection, *, shared: bool = False) -> None:
    """Let nobody else change teams, members or territories until the transaction ends.

    Args:
        connection: within a transaction.
        shared: the transaction itself changes none of them; it waits for those that do.
    """
    await connection.execute(_SHARED if shared else _EXCLUSIVE)


def columns(stored: Stored) -> dict[str, Any]:
    """Return what is stored of it, by column."""
    match stored:
        case Team():
            return {
                "team_id": stored.team_id,
                "name": stored.name,
                "hours": _hours.dump_python(stored.hours, mode="json"),
                "lead": stored.lead,
                "manager": stored.manager,
            }
        case Member():
            hours = stored.hours
            return {
                "member_id": stored.member_id,
                "team_id": stored.team_id,
                "name": stored.name,
                "roles": sorted(stored.roles),
                "functions": sorted(stored.functions),
                "skills": sorted(stored.skills),
                "capacity": stored.capacity,
                "share": stored.share,
                "hours": None if hours is None else _hours.dump_python(hours, mode="json"),
                "active": stored.active,
                "email": stored.email,
            }
        case StoredAbsence():
            return {
                "member_id": stored.member_id,
                "absence_id": stored.absence_id,
                "starts": stored.absence.starts,
                "ends": stored.absence.ends,
            }
        case Territory():
            return {
                "territory_id": stored.territory_id,
                "team_id": stored.team_id,
                **{name: sorted(getattr(stored, name)) for name in _CONDITIONS},
            }


async def put(connection: AsyncConnection, new: Stored) -> None:
    """Create or replace a row; the absences of a member stay."""
    table = _TABLES[type(new)]
    values = columns(new)
    keys = [column.name for column in table.primary_key]
    changed = {name: value for name, value in values.items() if name not in keys}
    await connection.execute(
        insert(table).values(values).on_conflict_do_update(index_elements=keys, set_=changed)
    )


async def teams(connection: AsyncConnection) -> list[Team]:
    """Return every team, by id."""
    query = select(tables.team).order_by(tables.team.c.team_id)
    return [_team(row) for row in await connection.execute(query)]


async def team(connection: AsyncConnection, team_id: str) -> Team | None:
    """Return one team."""
    row = await _one(connection, tables.team, tables.team.c.team_id == team_id)
    return None if row is None else _team(row)


async def delete_team(connection: AsyncConnection, team_id: str) -> None:
    """Delete a team that nobody belongs to."""
    await connection.execute(delete(tables.team).where(tables.team.c.team_id == team_id))


async def members(connection: AsyncConnection, *, team_id: str | None = None) -> list[Member]:
    """Return every member, or those of a team, by id and with their absences."""
    query = select(tables.member).order_by(tables.member.c.member_id)
    away = select(tables.absence).order_by(tables.absence.c.starts)
    if team_id is not None:
        query = query.where(tables.member.c.team_id == team_id)
    absences: dict[str, list[Absence]] = {}
    for row in await connection.execute(away):
        absences.setdefault(row.member_id, []).append(Absence(row.starts, row.ends))
    return [
        _member(row, absences.get(row.member_id, ())) for row in await connection.execute(query)
    ]


async def member(connection: AsyncConnection, member_id: str) -> Member | None:
    """Return one member, with the absences."""
    row = await _one(connection, tables.member, tables.member.c.member_id == member_id)
    if row is None:
        return None
    away = await absences(connection, member_id)
    return _member(row, [each.absence for each in away])


async def delete_member(connection: AsyncConnection, member_id: str) -> None:
    """Delete a member and the absences."""
    await connection.execute(delete(tables.member).where(tables.member.c.member_id == member_id))


async def absences(connection: AsyncConnection, member_id: str) -> list[StoredAbsence]:
    """Return a member's absences, the earliest first."""
    query = (
        select(tables.absence)
        .where(tables.absence.c.member_id == member_id)
        .order_by(tables.absence.c.starts, tables.absence.c.absence_id)
    )
    return [
        StoredAbsence(row.member_id, row.absence_id, Absence(row.starts, row.ends))
        for row in await connection.execute(query)
    ]


async def absence(
    connection: AsyncConnection, member_id: str, absence_id: str
) -> StoredAbsence | None:
    """Return one absence of one member."""
    found = await absences(connection, member_id)
    return next((each for each in found if each.absence_id == absence_id), None)


async def delete_absence(connection: AsyncConnection, member_id: str, absence_id: str) -> None:
    """Delete an absence."""
    its = tables.absence.c
    await connection.execute(
        delete(tables.absence).where(its.member_id == member_id, its.absence_id == absence_id)
    )


async def territories(connection: AsyncConnection) -> list[Territory]:
    """Return every territory, by id."""
    query = select(tables.territory).order_by(tables.territory.c.territory_id)
    return [_territory(row) for row in await connection.execute(query)]


async def territory(connection: AsyncConnection, territory_id: str) -> Territory | None:
    """Return one territory."""
    column = tables.territory.c.territory_id
    row = await _one(connection, tables.territory, column == territory_id)
    return None if row is None else _territory(row)


async def delete_territory(connection: AsyncConnection, territory_id: str) -> None:
    """Delete a territory."""
    column = tables.territory.c.territory_id
    await connection.execute(delete(tables.territory).where(column == territory_id))


_TABLES: Final[Mapping[type, Table]] = {
    Team: tables.team,
    Member: tables.member,
    StoredAbsence: tables.absence,
    Territory: tables.territory,
}
_CONDITIONS: Final = (
    "municipality_codes",
    "prefectures",
    "municipality_types",
    "size_bands",
    "policy_areas",
)


async def _one(connection: AsyncConnection, table: Table, condition: Any) -> Row[Any] | None:
    return (await connection.execute(select(table).where(condition))).one_or_none()


def _team(row: Row[Any]) -> Team:
    hours = _hours.validate_python(row.hours, strict=False)
    return Team(row.team_id, row.name, hours, row.lead, row.manager)


def _member(row: Row[Any], absences: Sequence[Absence]) -> Member:
    return Member(
        member_id=row.member_id,
        team_id=row.team_id,
        roles=frozenset(map(Role, row.roles)),
        capacity=row.capacity,
        name=row.name,
        functions=frozenset(map(Function, row.functions)),
        skills=frozenset(row.skills),
        share=row.share,
        hours=None if row.hours is None else _hours.validate_python(row.hours, strict=False),
        absences=tuple(absences),
        active=row.active,
        email=row.email,
    )


def _territory(row: Row[Any]) -> Territory:
    return Territory(
        row.territory_id,
        row.team_id,
        **{name: frozenset(getattr(row, name)) for name in _CONDITIONS},
    )
