"""The members whom notices are for, found in the teams as they are now."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.notifications.recipients import Addressee, Organisation
from handoff.teams import repository as teams


async def find_members(
    connection: AsyncConnection, addressees: Sequence[Addressee]
) -> list[str | None]:
    """Return whom to notify, for each; ``None``: there is nobody."""
    its = tables.member.c
    wanted = {each.member_id for each in addressees if each.in_person and each.member_id}
    query = select(its.member_id).where(its.member_id.in_(wanted), its.active)
    active = set(await connection.scalars(query))
    if all(each.in_person and each.member_id in active for each in addressees):
        return [each.member_id for each in addressees]
    organisation = Organisation(
        {each.team_id: each for each in await teams.teams(connection)},
        {each.member_id: each for each in await teams.members(connection)},
        await teams.territories(connection),
    )
    return [organisation.find(each) for each in addressees]
