"""Take in what sellers did, and recognise in it what moves a handoff."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.deals import repository as deals
from handoff.domain.handoff.commands import AnswerLead, RecordContact, RecordMeeting
from handoff.domain.handoff.recognising import (
    Activity,
    ActivityKind,
    Recognised,
    recognise,
    recognised_before,
)
from handoff.domain.handoff.state import HandoffState
from handoff.domain.teams.members import Role
from handoff.seller_activities import repository
from handoff.seller_activities.repository import Recognition, StoredActivity
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import ConflictError, NotFoundError

_FACTS: Final[Mapping[type[Recognised], str]] = {
    AnswerLead: "lead_answered",
    RecordContact: "first_contact_made",
    RecordMeeting: "meeting_held",
}
"""The kind of fact that a command brings about."""

SendToHandoff = Callable[[str, Recognised], Awaitable[object]]
"""Gives the handoff with that id a command; again: nothing changes."""


@dataclass(frozen=True, slots=True)
class SellerActivities:
    """Keeps what sellers did.

    Args:
        database: where.
        send: gives a handoff a command.
    """

    database: Database
    send: SendToHandoff

    async def take_in(self, batch: Sequence[Received[Any]]) -> None:
        """Store the activities of a batch, and tell their handoffs what follows from them.

        An event that was seen before changes nothing. What a handoff refuses is stored with the
        reason.

        Raises:
            TransientError: the database or Temporal is unavailable; the same batch again does the
                rest.
        """
        said = [StoredActivity(each.event.data, each.event.occurred_at, each.key) for each in batch]
        async with self.database.transaction() as connection:
            # In one order, so that two consumers wait for each other and never deadlock; the order
            # of one activity's statements stays.
            for activity in sorted(said, key=lambda each: each.recorded.activity_id):
                await repository.save(connection, activity)
            # Not only those that are new: what was stored before a crash is looked at after it.
            ids = [each.recorded.activity_id for each in said]
            waiting = await repository.unexamined(connection, ids)
        for activity in waiting:
            await self._examine(activity)

    async def _examine(self, stored: StoredActivity) -> None:
        recorded = stored.recorded
        activity = Activity(
            recorded.activity_id,
            recorded.member_id,
            Role(recorded.role.value),
            ActivityKind(recorded.kind.value),
            stored.at,
            recorded.reached,
        )
        async with self.database.transaction() as connection:
            states = await _handoffs_of(connection, stored)
        found = Recognition()
        for state in states:
            told = await self._tell(state, activity)
            if told.recognised_as is not None or found.handoff_id is None:
                found = told
            if found.recognised_as is not None:
                break
        async with self.database.transaction() as connection:
            await repository.set_recognition(connection, stored, found)

    async def _tell(self, state: HandoffState, activity: Activity) -> Recognition:
        """Give a handoff what an activity says of it; return what became of that."""
        before = recognised_before(state, activity)
        if before is not None:
            return Recognition(state.handoff_id, before)
        command = recognise(state, activity)
        if command is None:
            return Recognition()
        try:
            await self.send(state.handoff_id, command)
        except (DomainError, ConflictError, NotFoundError) as error:
            return Recognition(state.handoff_id, refusal_code=error.code, refusal=error.message)
        return Recognition(state.handoff_id, _FACTS[type(command)])


async def _handoffs_of(
    connection: AsyncConnection, stored: StoredActivity
) -> Sequence[HandoffState]:
    """Return the open handoffs of the lead that an activity is about, or of its deal's leads."""
    recorded = stored.recorded
    lead_ids: Sequence[str] = () if recorded.lead_id is None else (recorded.lead_id,)
    if not lead_ids and recorded.deal_id is not None:
        deal = await deals.find(connection, recorded.deal_id)
        lead_ids = () if deal is None else deal.stated.lead_ids
    return await deals.open_handoffs(connection, lead_ids) if lead_ids else ()
