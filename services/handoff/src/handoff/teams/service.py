"""Use cases of teams: who sells, when and where."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.teams.members import Member, Team
from handoff.domain.teams.territories import Territory, overlap_reason, overlaps
from handoff.domain.teams.working_time import checked_hours
from handoff.teams import repository
from handoff.teams.member_file import MEMBERS, member_of
from handoff.teams.open_handoffs import open_handoffs
from handoff.teams.repository import StoredAbsence
from handoff.teams.schemas import MemberIn, TerritoryIn
from handoff.teams.territory_file import TERRITORIES, territory_of_row
from kakehashi_common.audit import Actor, changed_fields, differences
from kakehashi_common.csv_file import FileRow, Mistake
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import ConflictError, NotFoundError


@dataclass(frozen=True, slots=True)
class FileImport:
    """The result of importing a file, by id and in the file's order."""

    created: list[str]
    changed: dict[str, list[str]]
    """The names of the changed fields, by id."""
    unchanged: list[str]


class Teams:
    """Changes of teams, members and territories. A repeat changes nothing, and isn't audited.

    Args:
        database: where they are stored.
        changed: told after each change, since working hours may have changed.
    """

    def __init__(self, database: Database, changed: Callable[[], Awaitable[None]]) -> None:
        self._database = database
        self._changed = changed

    async def put_team(self, team: Team, actor: Actor) -> None:
        """Create or replace a team.

        Raises:
            DomainError: a team without hours, or hours that overlap (``hours``); the lead or
                manager is no member (``unknown_member``).
        """
        checked_hours(team.hours)
        async with self._changing(actor) as change:
            for field, member_id in (("lead", team.lead), ("manager", team.manager)):
                if member_id is not None and not await repository.member(
                    change.connection, member_id
                ):
                    raise DomainError(
                        f"there is no member {member_id}: enter them first, then name them here",
                        field=field,
                        code="unknown_member",
                    )
            before = await repository.team(change.connection, team.team_id)
            if await change.record(f"team/{team.team_id}", "put_team", before, team):
                await repository.put(change.connection, team)

    async def delete_team(self, team_id: str, actor: Actor) -> None:
        """Delete a team; one that isn't there is deleted already.

        Raises:
            ConflictError: somebody belongs to it, or it has a territory (``team_in_use``).
        """
        async with self._changing(actor) as change:
            members = await repository.members(change.connection, team_id=team_id)
            territories = await repository.territories(change.connection)
            used_by = [f"member {each.member_id}" for each in members] + [
                f"territory {each.territory_id}" for each in territories if each.team_id == team_id
            ]
            if used_by:
                raise ConflictError(
                    f"{used_by[0]} belongs to {team_id}: move or delete it first",
                    code="team_in_use",
                )
            before = await repository.team(change.connection, team_id)
            if await change.record(f"team/{team_id}", "delete_team", before, None):
                await repository.delete_team(change.connection, team_id)

    async def put_member(self, member: Member, actor: Actor) -> int:
        """Create or replace a member, and return how many open handoffs name them.

        The absences stay, and so do the handoffs of who becomes inactive, until somebody else gets
        them.

        Raises:
            DomainError: hours of which there are none, or that overlap (``hours``); there is no
                such team (``unknown_team``).
        """
        if member.hours is not None:
            checked_hours(member.hours)
        async with self._changing(actor) as change:
            await _require_team(change.connection, member.team_id)
            before = await repository.member(change.connection, member.member_id)
            if await change.record(f"member/{member.member_id}", "put_member", before, member):
                await repository.put(change.connection, member)
            return len(await open_handoffs(change.connection, member.member_id))

    async def import_members(
        self, rows: Sequence[FileRow[MemberIn]], actor: Actor, *, dry_run: bool
    ) -> FileImport:
        """Create or change every member of a file, or none; members that aren't in it stay.

        Args:
            rows: the file.
            actor: who imports it.
            dry_run: only say what would be done.

        Raises:
            FileError: there is no such team; nothing has changed.
        """
        async with self._changing(actor) as change:
            if mistakes := await _unknown_teams(change.connection, rows):
                raise MEMBERS.error(mistakes)
            stored = {each.member_id: each for each in await repository.members(change.connection)}
            new = {each.row_id: member_of(each, stored.get(each.row_id)) for each in rows}
            return await change.take("member", stored, new, dry_run=dry_run)

    async def import_territories(
        self, rows: Sequence[FileRow[TerritoryIn]], actor: Actor, *, dry_run: bool
    ) -> FileImport:
        """Create or change every territory of a file, or none; those that aren't in it stay.

        Args:
            rows: the file.
            actor: who imports it.
            dry_run: only say what would be done.

        Raises:
            FileError: there is no such team, or another team covers some of it alike; nothing has
                changed.
        """
        async with self._changing(actor) as change:
            mistakes = await _unknown_teams(change.connection, rows)
            stored = {
                each.territory_id: each for each in await repository.territories(change.connection)
            }
            new = {each.row_id: territory_of_row(each, stored.get(each.row_id)) for each in rows}
            mistakes += await asyncio.to_thread(_overlapping, rows, stored | new)
            if mistakes:
                raise TERRITORIES.error(mistakes)
            return await change.take("territory", stored, new, dry_run=dry_run)

    async def delete_member(self, member_id: str, actor: Actor) -> None:
        """Delete a member who was entered by mistake; who leaves is made inactive instead.

        Raises:
            ConflictError: the member leads or manages a team, or an open handoff names them
                (``member_in_use``).
        """
        async with self._changing(actor) as change:
            if named := await open_handoffs(change.connection, member_id):
                more = f", and in {len(named) - 1} more" if len(named) > 1 else ""
                raise ConflictError(
                    f"{member_id} is named in open handoff {named[0].handoff_id}{more}: make them "
                    "inactive and reassign what they have "
                    f"(POST /v1/members/{member_id}/reassignment) before you delete them",
                    code="member_in_use",
                )
            for team in await repository.teams(change.connection):
                if member_id in (team.lead, team.manager):
                    raise ConflictError(
                        f"{member_id} leads or manages {team.team_id}: name somebody else first",
                        code="member_in_use",
                    )
            before = await repository.member(change.connection, member_id)
            if await change.record(f"member/{member_id}", "delete_member", before, None):
                await repository.delete_member(change.connection, member_id)

    async def put_absence(self, absence: StoredAbsence, actor: Actor) -> None:
        """Enter or replace an absence.

        Raises:
            NotFoundError: there is no such member.
        """
        member_id, absence_id = absence.member_id, absence.absence_id
        async with self._changing(actor) as change:
            if await repository.member(change.connection, member_id) is None:
                raise NotFoundError(
                    f"there is no member {member_id}: enter them first", field="member_id"
                )
            before = await repository.absence(change.connection, member_id, absence_id)
            subject = f"member/{member_id}/absence/{absence_id}"
            if await change.record(subject, "put_absence", before, absence):
                await repository.put(change.connection, absence)

    async def delete_absence(self, member_id: str, absence_id: str, actor: Actor) -> None:
        """Delete an absence; one that isn't there is deleted already."""
        async with self._changing(actor) as change:
            before = await repository.absence(change.connection, member_id, absence_id)
            subject = f"member/{member_id}/absence/{absence_id}"
            if await change.record(subject, "delete_absence", before, None):
                await repository.delete_absence(change.connection, member_id, absence_id)

    async def put_territory(self, territory: Territory, actor: Actor) -> None:
        """Create or replace a territory.

        Raises:
            ConflictError: another team covers some of it alike (``territories_overlap``).
            DomainError: there is no such team (``unknown_team``).
        """
        async with self._changing(actor) as change:
            await _require_team(change.connection, territory.team_id)
            before = None
            for other in await repository.territories(change.connection):
                if other.territory_id == territory.territory_id:
                    before = other
                elif overlaps([territory, other]):
                    raise ConflictError(
                        overlap_reason(territory, other), code="territories_overlap"
                    )
            subject = f"territory/{territory.territory_id}"
            if await change.record(subject, "put_territory", before, territory):
                await repository.put(change.connection, territory)

    async def delete_territory(self, territory_id: str, actor: Actor) -> None:
        """Delete a territory; one that isn't there is deleted already."""
        async with self._changing(actor) as change:
            before = await repository.territory(change.connection, territory_id)
            if await change.record(f"territory/{territory_id}", "delete_territory", before, None):
                await repository.delete_territory(change.connection, territory_id)

    @asynccontextmanager
    async def _changing(self, actor: Actor) -> AsyncIterator["_Change"]:
        async with self._database.transaction() as connection:
            await repository.lock(connection)  # what refers to what is checked, then stored
            change = _Change(connection, actor)
            yield change
        if change.recorded:
            await self._changed()


@dataclass(slots=True)
class _Change:
    """A transaction during which nobody else changes teams."""

    connection: AsyncConnection
    actor: Actor
    recorded: bool = False
    """Whether anything has changed."""

    async def record(
        self,
        subject: str,
        what: str,
        before: repository.Stored | None,
        after: repository.Stored | None,
    ) -> bool:
        """Record which fields the actor changes; return whether anything changes."""
        if not _changed(before, after):
            return False
        self.recorded = True
        hidden = dict.fromkeys(_PERSONAL.get(type(before or after), ()), "(personal)")
        was, becomes = differences(_columns(before), _columns(after), hidden=hidden)
        await self.actor.record(
            self.connection,
            tables.audit_table,
            what,
            subject,
            before=was,
            after=becomes,
        )
        return True

    async def take(
        self,
        what: str,
        stored: Mapping[str, repository.Stored],
        new: Mapping[str, repository.Stored],
        *,
        dry_run: bool,
    ) -> FileImport:
        """Store what is new or different, unless it is a dry run; return the result."""
        result = FileImport([], {}, [])
        for row_id, after in new.items():
            before = stored.get(row_id)
            if before is None:
                result.created.append(row_id)
            elif fields := _changed(before, after):
                result.changed[row_id] = fields
            else:
                result.unchanged.append(row_id)
                continue
            if not dry_run:
                await self.record(f"{what}/{row_id}", f"put_{what}", before, after)
                await repository.put(self.connection, after)
        return result


_PERSONAL: Final[dict[type, frozenset[str]]] = {
    Member: frozenset({"name", "email"}),
    StoredAbsence: frozenset({"starts", "ends"}),
}
"""Fields that the audit log names without their values."""


def _columns(stored: repository.Stored | None) -> dict[str, Any]:
    return {} if stored is None else repository.columns(stored)


def _changed(before: repository.Stored | None, after: repository.Stored | None) -> list[str]:
    return changed_fields(_columns(before), _columns(after))


async def _require_team(connection: AsyncConnection, team_id: str) -> None:
    if await repository.team(connection, team_id) is None:
        raise DomainError(
            f"there is no team {team_id}: enter it first", field="team_id", code="unknown_team"
        )


async def _unknown_teams(
    connection: AsyncConnection, rows: Sequence[FileRow[MemberIn] | FileRow[TerritoryIn]]
) -> list[Mistake]:
    teams = {each.team_id for each in await repository.teams(connection)}
    return [
        each.mistake("team_id", f"there is no team {each.said.team_id}: enter it first")
        for each in rows
        if each.said.team_id not in teams
    ]


def _overlapping(
    rows: Sequence[FileRow[TerritoryIn]], territories: Mapping[str, Territory]
) -> list[Mistake]:
    """Return a mistake for each row that covers places as another team's territory does."""
    by_id = {each.row_id: each for each in rows}
    return [
        by_id[mine.territory_id].mistake("territory_id", overlap_reason(mine, theirs))
        for pair in overlaps(territories.values())
        for mine, theirs in (pair, pair[::-1])
        if mine.territory_id in by_id
    ]
