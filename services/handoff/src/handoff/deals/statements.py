"""Take in what is said of deals, and close the handoffs of those that were decided."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog

from handoff.deals import repository
from handoff.deals.repository import StoredDeal
from handoff.deals.service import supersede_opened
from handoff.domain.handoff.commands import Close
from handoff.domain.handoff.state import HandoffState
from handoff.domain.handoff.terms import NOT_STATED, Outcome
from handoff.domain.teams.members import Role
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import ConflictError, NotFoundError

log = structlog.get_logger(__name__)

BY: Final = "deals"
"""The author of the command that closes a handoff by its deal's outcome."""

CloseHandoff = Callable[[str, Close], Awaitable[object]]
"""Closes the handoff with that id; again: nothing changes."""


@dataclass(frozen=True, slots=True)
class DealStatements:
    """Keeps the newest statement of each deal.

    Args:
        database: where.
        close_handoff: closes a handoff.
        topic_prefix: of the installation's topics.
    """

    database: Database
    close_handoff: CloseHandoff
    topic_prefix: str

    async def take_in(self, batch: Sequence[Received[Any]]) -> None:
        """Store what a batch says of deals, and do what follows from it.

        The handoffs of those that were decided are closed, and what acceptance opened for the same
        lead is superseded.

        In whatever order and however often it comes, the same is stored.

        Raises:
            TransientError: the database or Temporal is unavailable; the same batch again does the
                rest.
        """
        statements = sorted(
            (StoredDeal(each.event.data, each.event.occurred_at, each.key) for each in batch),
            # In one order, so that two consumers wait for each other and never deadlock.
            key=lambda deal: deal.stated.deal_id,
        )
        async with self.database.transaction() as connection:
            for deal in statements:
                await repository.save(connection, deal)
        # Not only of those that are new: what was stored before a crash is done after it.
        for deal_id in dict.fromkeys(deal.stated.deal_id for deal in statements):
            await self._follow(deal_id)

    async def _follow(self, deal_id: str) -> None:
        async with self.database.transaction() as connection:
            deal = await repository.find(connection, deal_id)
            if deal is None:
                return
            await supersede_opened(connection, deal.stated.lead_ids, topic_prefix=self.topic_prefix)
            if deal.stated.outcome is None:
                return
            states = await repository.open_handoffs(connection, deal.stated.lead_ids)
        outcome = Outcome(deal.stated.outcome.value)
        without = "" if outcome is Outcome.WON else NOT_STATED
        close = Close(BY, outcome, deal.stated.outcome_reason or without, deal_id)
        for state in states:
            if is_closed_by(state, deal):
                try:
                    await self.close_handoff(state.handoff_id, close)
                except (DomainError, ConflictError, NotFoundError) as error:
                    # It has ended otherwise meanwhile, which is final.
                    log.warning(
                        "a deal's outcome closes no handoff",
                        handoff_id=state.handoff_id,
                        deal_id=deal_id,
                        reason=str(error),
                    )


def is_closed_by(state: HandoffState, deal: StoredDeal) -> bool:
    """Return whether the outcome of a deal of its lead closes an open handoff.

    One that began after the outcome is about something new, and one to customer success begins
    with a deal that is won.
    """
    return (
        deal.decided_at is not None
        and state.requested_at <= deal.decided_at
        and state.kind.to_role is not Role.CUSTOMER_SUCCESS
    )
