"""Dry runs: repeat the last assignments under other rules. Nothing is changed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.assignment import repository
from handoff.domain.assignment.replay import Replayed, replay
from handoff.domain.teams.members import Member, Team
from handoff.domain.teams.territories import Territory, overlap_reason, overlaps
from handoff.domain.teams.working_time import working_times
from handoff.teams import repository as teams
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

_REQUIRED = ("team_id", "roles", "capacity")
"""Fields that a new member must have."""


@dataclass(frozen=True, slots=True)
class ChangedRules:
    """The rules that differ from the stored ones; the rest is as stored."""

    members: Mapping[str, Mapping[str, Any]]
    """Fields of members by id, including those of new members."""
    territories: Mapping[str, Territory | None]
    """By id; ``None``: deleted."""


class DryRuns:
    """Repeats past assignments under changed rules."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self, last: int, changed: ChangedRules) -> list[Replayed]:
        """Return the last assignments, the oldest first, each with its result under the new rules.

        Args:
            last: how many.
            changed: the rules that differ.

        Raises:
            DomainError: a new member lacks something (``missing``), there is no such team
                (``unknown_team``), or territories of two teams overlap (``territories_overlap``).
        """
        async with self._database.transaction() as connection:
            rows = await repository.last_assignments(connection, last)
            all_teams = await teams.teams(connection)
            members = await _members(connection, changed, all_teams)
            territories = await _territories(connection, changed, all_teams)

        def run() -> list[Replayed]:
            past = repository.past_assignments(rows)
            since = past[0].at if past else None
            hours = (
                working_times(members, all_teams, BUSINESS_DAYS.__contains__, since=since)
                if since
                else {}
            )
            return replay(past, members, hours, territories)

        return await asyncio.to_thread(run)


async def _members(
    connection: AsyncConnection, changed: ChangedRules, all_teams: list[Team]
) -> list[Member]:
    members = {each.member_id: each for each in await teams.members(connection)}
    for member_id, fields in changed.members.items():
        place = f"members/{member_id}"
        before = members.get(member_id)
        if before is None:
            for name in _REQUIRED:
                if name not in fields:
                    raise DomainError(
                        f"there is no member {member_id}: give {name} of a new one",
                        field=f"{place}/{name}",
                        code="missing",
                    )
            before = Member(member_id, fields["team_id"], fields["roles"], fields["capacity"])
        members[member_id] = replace(before, **fields)
        _require_team(members[member_id].team_id, all_teams, place)
    return list(members.values())


async def _territories(
    connection: AsyncConnection, changed: ChangedRules, all_teams: list[Team]
) -> list[Territory]:
    territories = {each.territory_id: each for each in await teams.territories(connection)}
    for territory_id, territory in changed.territories.items():
        if territory is None:
            territories.pop(territory_id, None)
        else:
            _require_team(territory.team_id, all_teams, f"territories/{territory_id}")
            territories[territory_id] = territory
    for one, other in overlaps(territories.values()):
        changed_one = one if one.territory_id in changed.territories else other
        raise DomainError(
            overlap_reason(one, other),
            field=f"territories/{changed_one.territory_id}",
            code="territories_overlap",
        )
    return list(territories.values())


def _require_team(team_id: str, all_teams: list[Team], place: str) -> None:
    if all(each.team_id != team_id for each in all_teams):
        raise DomainError(
            f"there is no team {team_id}: enter it first",
            field=f"{place}/team_id",
            code="unknown_team",
        )
