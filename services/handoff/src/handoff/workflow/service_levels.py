"""Read the policy and working hours that apply to a handoff."""

from datetime import date
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.handoff.policy import policy_for
from handoff.domain.handoff.service_levels import ServiceLevels
from handoff.domain.teams.members import Member, Role
from handoff.domain.teams.territories import Place, territory_of
from handoff.domain.teams.working_time import OFFICE_HOURS, WorkingHours
from handoff.handoffs.messages import ReadServiceLevels
from handoff.policies.clocks import CLOCKS
from handoff.teams import repository as teams
from handoff.teams.places import place_of
from kakehashi_common.clock import japan_day
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

_HOLIDAY_YEARS: Final = 3
"""Calendar years whose holidays are read: this one and the next two."""


async def service_levels(connection: AsyncConnection, wanted: ReadServiceLevels) -> ServiceLevels:
    """Return the policy and working hours in force for a handoff.

    Raises:
        DomainError: the owner has to be a member, or to have a role, and isn't or hasn't
            (``unknown_member``).
    """
    request = wanted.request
    owner = await _member(connection, wanted.owner)
    if wanted.must_be_member:
        require_member(owner, wanted.owner or "", wanted.must_have)
    place = place_of(request.municipality_code, request.policy_area)
    rules = (await CLOCKS.get(connection)).policy
    return ServiceLevels(
        policy_for(rules, request.kind, wanted.grade),
        await _team_hours(connection, owner, place),
        holidays(japan_day(wanted.now)),
        owner=await _hours(connection, owner),
        sender=await hours_of(connection, request.sender),
    )


async def hours_of(connection: AsyncConnection, member_id: str | None) -> WorkingHours | None:
    """Return when a member works; ``None``: there is no such member."""
    return await _hours(connection, await _member(connection, member_id))


async def _member(connection: AsyncConnection, member_id: str | None) -> Member | None:
    return None if member_id is None else await teams.member(connection, member_id)


async def _hours(connection: AsyncConnection, member: Member | None) -> WorkingHours | None:
    if member is None:
        return None
    team = await teams.team(connection, member.team_id)
    return None if team is None else WorkingHours.of(member, team)


def require_member(member: Member | None, member_id: str, role: Role | None) -> None:
    """Refuse who can't be given a handoff.

    Raises:
        DomainError: there is no such member, or they have left or not that role
            (``unknown_member``).
    """
    if member is None:
        why = f"there is no member {member_id}: enter them first"
    elif not member.active:
        why = f"{member_id} has left: name somebody else"
    elif role is not None and role not in member.roles:
        why = f"{member_id} has not the role {role}: name somebody who has it"
    else:
        return
    raise DomainError(why, field="to", code="unknown_member")


async def _team_hours(
    connection: AsyncConnection, owner: Member | None, place: Place
) -> WorkingHours:
    """Return the hours of the owner's team, else of the team whose territory it is."""
    if owner is not None:
        team_id: str | None = owner.team_id
    else:
        territory = territory_of(place, await teams.territories(connection))
        team_id = None if territory is None else territory.team_id
    team = None if team_id is None else await teams.team(connection, team_id)
    return WorkingHours(OFFICE_HOURS if team is None else team.hours)


def holidays(today: date) -> tuple[date, ...]:
    """Return the public holidays of this calendar year and the next two."""
    return BUSINESS_DAYS.holidays(today.year, _HOLIDAY_YEARS)
