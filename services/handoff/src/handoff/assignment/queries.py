"""Queries for assignments and rotations."""

from dataclasses import dataclass

from handoff.assignment import repository
from handoff.assignment.repository import NO_TEAM, StoredAssignment
from handoff.domain.assignment.ledger import Ledger
from handoff.domain.teams.members import Member, Role
from handoff.teams import repository as teams
from kakehashi_common.db import Database
from kakehashi_common.errors import NotFoundError


@dataclass(frozen=True, slots=True)
class Rotation:
    """The members who receive one kind of handoff in a team, and whose turn it is."""

    team_id: str
    role: Role
    ledger: Ledger
    members: tuple[Member, ...]
    """Active members with the role, by id."""


class AssignmentQueries:
    """Reads of assignments and rotations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def assignments(self, handoff_id: str) -> list[StoredAssignment]:
        """Return the assignments of a handoff, the first one first.

        Raises:
            NotFoundError: there is no such handoff.
        """
        async with self._database.transaction() as connection:
            found = await repository.list_assignments(connection, handoff_id)
            if not found and not await repository.is_handoff(connection, handoff_id):
                raise NotFoundError(f"there is no handoff {handoff_id}", field="handoff_id")
        return found

    async def rotation(self, team_id: str, role: Role) -> Rotation:
        """Return the rotation of a team and role; of :data:`NO_TEAM` every team's members.

        Raises:
            NotFoundError: there is no such team.
        """
        async with self._database.transaction() as connection:
            if team_id != NO_TEAM and await teams.team(connection, team_id) is None:
                raise NotFoundError(f"there is no team {team_id}", field="team_id")
            of_team = None if team_id == NO_TEAM else team_id
            members = await teams.members(connection, team_id=of_team)
            ledger = await repository.ledger(connection, (team_id, role))
        there = (each for each in members if each.active and role in each.roles)
        return Rotation(team_id, role, ledger, tuple(there))
