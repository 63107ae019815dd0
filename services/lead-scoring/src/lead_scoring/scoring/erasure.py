"""Erase a lead from every table that holds something about it, and announce that."""

from dataclasses import dataclass

from kakehashi_common.contracts.topics import LEAD_SCORES
from kakehashi_common.db import RawConnection
from kakehashi_common.outbox import store as outbox
from lead_scoring import tables


@dataclass(frozen=True, slots=True)
class Erased:
    """The number of rows that held something about the person."""

    leads: int
    events: int
    announced_scores: int
    qualifications: int
    handoffs: int


async def erase_and_announce(connection: RawConnection, lead_id: str, topic_prefix: str) -> Erased:
    """Delete everything about a lead, and publish the end of its score.

    That is published of a lead that is unknown here, too: other services keep what
    ``lead-events-v1`` says of its person, and erase them by it.
    """
    erased = await _erase(connection, lead_id)
    tombstone = outbox.Message(topic_prefix + LEAD_SCORES.name, lead_id.encode(), None)
    await outbox.copy(connection, tables.outbox_table, [tombstone])
    return erased


async def _erase(connection: RawConnection, lead_id: str) -> Erased:
    """Delete the lead, its profile, its history, its events and what handoffs taught.

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
        qualifications=await deleted("qualification"),
        handoffs=await deleted("handoff_label"),
    )
