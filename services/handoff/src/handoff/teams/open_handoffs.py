"""The open handoffs that name a member."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.domain.teams.members import Function


@dataclass(frozen=True, slots=True)
class OpenHandoff:
    """An open handoff that names a member."""

    handoff_id: str
    owned: bool
    """Whether the member is its owner."""
    functions: tuple[Function, ...]
    """Those that the member is responsible for."""


async def open_handoffs(connection: AsyncConnection, member_id: str) -> list[OpenHandoff]:
    """Return the open handoffs that a member owns, is assigned or is a further owner of, by id."""
    its = tables.handoff.c
    further = its.state["further_owners"]
    query = (
        select(its.handoff_id, its.owner, further.label("further"))
        .where(
            its.is_open,
            or_(
                its.owner == member_id,
                its.carried_by == member_id,
                further.contains([{"member_id": member_id}]),
            ),
        )
        .order_by(its.handoff_id)
    )
    return [
        OpenHandoff(
            row.handoff_id,
            row.owner == member_id,
            tuple(
                Function(each["function"]) for each in row.further if each["member_id"] == member_id
            ),
        )
        for row in await connection.execute(query)
    ]
