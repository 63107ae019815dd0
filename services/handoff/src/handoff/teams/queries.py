"""Queries for teams, members, territories and coverage."""

from collections.abc import Sequence

from handoff.domain.teams.coverage import Coverage, coverage
from handoff.domain.teams.members import Member, Role, Team
from handoff.domain.teams.territories import Territory
from handoff.teams import repository
from handoff.teams.repository import StoredAbsence
from kakehashi_common.db import Database
from kakehashi_common.errors import NotFoundError


class TeamQueries:
    """Reads of teams, members and territories."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def teams(self) -> list[Team]:
        """Return every team, by id."""
        async with self._database.transaction() as connection:
            return await repository.teams(connection)

    async def team(self, team_id: str) -> Team:
        """Return one team.

        Raises:
            NotFoundError: there is no such team.
        """
        async with self._database.transaction() as connection:
            team = await repository.team(connection, team_id)
        if team is None:
            raise NotFoundError(f"there is no team {team_id}", field="team_id")
        return team

    async def members(self, team_id: str | None) -> list[Member]:
        """Return every member, or those of a team, by id."""
        async with self._database.transaction() as connection:
            return await repository.members(connection, team_id=team_id)

    async def member(self, member_id: str) -> Member:
        """Return one member.

        Raises:
            NotFoundError: there is no such member.
        """
        async with self._database.transaction() as connection:
            member = await repository.member(connection, member_id)
        if member is None:
            raise NotFoundError(f"there is no member {member_id}", field="member_id")
        return member

    async def absences(self, member_id: str) -> list[StoredAbsence]:
        """Return a member's absences, the earliest first.

        Raises:
            NotFoundError: there is no such member.
        """
        async with self._database.transaction() as connection:
            if await repository.member(connection, member_id) is None:
                raise NotFoundError(f"there is no member {member_id}", field="member_id")
            return await repository.absences(connection, member_id)

    async def territories(self) -> list[Territory]:
        """Return every territory, by id."""
        async with self._database.transaction() as connection:
            return await repository.territories(connection)

    async def territory(self, territory_id: str) -> Territory:
        """Return one territory.

        Raises:
            NotFoundError: there is no such territory.
        """
        async with self._database.transaction() as connection:
            territory = await repository.territory(connection, territory_id)
        if territory is None:
            raise NotFoundError(f"there is no territory {territory_id}", field="territory_id")
        return territory

    async def coverage(
        self,
        role: Role,
        *,
        prefectures: Sequence[str],
        municipality_types: Sequence[str],
        policy_areas: Sequence[str],
    ) -> Coverage:
        """Return the parts of the requested market that nobody covers."""
        async with self._database.transaction() as connection:
            return coverage(
                await repository.territories(connection),
                await repository.members(connection),
                role=role,
                prefectures=prefectures,
                municipality_types=municipality_types,
                policy_areas=policy_areas,
            )
