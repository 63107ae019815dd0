"""Erasing one person from every table that holds something about them."""

from dataclasses import dataclass

from kakehashi_common.db import RawConnection


@dataclass(frozen=True, slots=True)
class Erased:
    """How many rows held something about the person."""

    leads: int
    events: int
    announced_scores: int


async def erase(connection: RawConnection, lead_id: str) -> Erased:
    """Delete the lead, its profile, its history and its events.

    The lead goes first: other writers of it then wait for this transaction, and its messages in
    the outbox keep their order.
    """

    async def deleted(table: str) -> int:
        status = await connection.execute(
            f"delete from {table} where lead_id = $1",  # noqa: S608 - our own tables
            lead_id,
        )
        return int(status.rsplit(" ", 1)[-1])

    leads = await deleted("lead")
    await deleted("lead_profile")
    return Erased(
        leads=leads,
        events=await deleted("event_log"),
        announced_scores=await deleted("score_history"),
    )
