"""Use cases of deals: open one for a handoff, state one by hand, read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from handoff import tables
from handoff.deals import repository
from handoff.deals.repository import DealFilter, StoredDeal
from handoff.domain.handoff.facts import Accepted
from handoff.domain.handoff.state import HandoffState
from handoff.domain.teams.members import Role
from handoff.events.mapping import SOURCE
from handoff.teams import repository as teams
from kakehashi_common.audit import Actor
from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.contracts.deal_events import DealChanged, DealStage
from kakehashi_common.contracts.events import Event
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import NotFoundError
from kakehashi_common.http.etags import Precondition
from kakehashi_common.outbox import store as outbox
from kakehashi_common.outbox.messages import event_message

_ONE_WRITER: Final = text("select pg_advisory_xact_lock(hashtext('deal'), hashtext(:of))")


async def open_by_acceptance(
    connection: AsyncConnection, state: HandoffState, accepted: Accepted, *, topic_prefix: str
) -> None:
    """Open a deal for a handoff that field sales accepted, unless its lead has one.

    A deal that was decided before the handoff began is another one. Again: nothing changes.

    Args:
        connection: of the transaction that records the acceptance.
        state: of the handoff.
        accepted: what has happened.
        topic_prefix: of the installation's topics.
    """
    if state.kind.to_role is not Role.FIELD_SALES:
        return
    await connection.execute(_ONE_WRITER, {"of": state.lead_id})
    known = await repository.of_lead(connection, state.lead_id)
    if not any(_is_of(deal, state) for deal in known):
        await _publish(connection, _opened(state, accepted.member_id), accepted.at, topic_prefix)


async def supersede_opened(
    connection: AsyncConnection, lead_ids: Sequence[str], *, topic_prefix: str
) -> None:
    """Let another deal of a lead take the place of the one that acceptance opened for it.

    So the lead has one deal, whether the CRM's came before the acceptance or after it. What
    somebody has stated of the opened one since is no placeholder: it stays. Again: nothing changes.

    Args:
        connection: of a transaction of its own; the statements of the leads' deals are committed.
        lead_ids: the leads of a deal.
        topic_prefix: of the installation's topics.
    """
    for lead_id in sorted(lead_ids):
        await connection.execute(_ONE_WRITER, {"of": lead_id})
    states = await repository.handoffs_to_field_sales(connection, lead_ids)
    by_deal = {_opened_id(state): state for state in states}
    for opened in await repository.find_all(connection, by_deal):
        state = by_deal[opened.stated.deal_id]
        if opened.stated != _opened(state, opened.stated.owner):
            continue
        for deal in await repository.of_lead(connection, state.lead_id):
            if deal.stated.deal_id not in by_deal and _is_of(deal, state):
                superseded = {"superseded_by": deal.stated.deal_id}
                at = max(deal.said_at, opened.said_at + timedelta.resolution)
                stated = opened.stated.model_copy(update=superseded)
                await _publish(connection, stated, at, topic_prefix)
                break


def _opened(state: HandoffState, owner: str | None) -> DealChanged:
    """Return the deal that acceptance opens for a handoff."""
    return DealChanged(
        deal_id=_opened_id(state),
        stage=DealStage.INTEREST,
        municipality_code=state.municipality_code,
        lead_ids=(state.lead_id,),
        owner=owner,
    )


def _opened_id(state: HandoffState) -> str:
    return f"h-{blake2b(state.handoff_id.encode(), digest_size=16).hexdigest()}"


def _is_of(deal: StoredDeal, state: HandoffState) -> bool:
    """Return whether a deal of its lead is the one that a handoff led to.

    One that was decided before the handoff began is another one.
    """
    return deal.stated.superseded_by is None and (
        deal.decided_at is None or deal.decided_at >= state.requested_at
    )


async def _publish(
    connection: AsyncConnection, stated: DealChanged, at: datetime, topic_prefix: str
) -> StoredDeal:
    """Store a statement of our own and publish it, if it is the newest."""
    identity = f"{DealChanged.TYPE}\0{stated.deal_id}\0{at.isoformat()}".encode()
    event = Event(blake2b(identity, digest_size=16).hexdigest(), SOURCE, at, stated)
    deal = StoredDeal(stated, at, event_key(SOURCE, event.event_id))
    if await repository.save(connection, deal):
        message = event_message(event, key=stated.deal_id, topic_prefix=topic_prefix)
        await outbox.add(connection, tables.outbox_table, [message])
    return deal


@dataclass(frozen=True, slots=True)
class Deals:
    """Keeps the newest statement of each deal.

    Args:
        database: where.
        clock: says when a person changes one.
        topic_prefix: of the installation's topics.
    """

    database: Database
    clock: Clock
    topic_prefix: str

    async def find(self, deal_id: str) -> StoredDeal:
        """Return one deal.

        Raises:
            NotFoundError: there is no such deal.
        """
        async with self.database.transaction() as connection:
            deal = await repository.find(connection, deal_id)
        if deal is None:
            raise NotFoundError(f"there is no deal {deal_id}", field="deal_id")
        return deal

    async def list_deals(
        self, wanted: DealFilter, *, after: str | None, limit: int
    ) -> list[StoredDeal]:
        """Return deals that match, by id."""
        async with self.database.transaction() as connection:
            return await repository.list_deals(connection, wanted, after=after, limit=limit)

    async def put(
        self, stated: DealChanged, actor: Actor, precondition: Precondition[StoredDeal | None]
    ) -> StoredDeal:
        """State a deal by hand and publish it; what is so already changes nothing.

        Raises:
            DomainError: the owner is no member (``unknown_member``), or there is no deal that took
                its place (``unknown_deal``).
            PreconditionFailedError: it has changed since it was seen.
        """
        async with self.database.transaction() as connection:
            await connection.execute(_ONE_WRITER, {"of": stated.deal_id})
            before = await repository.find(connection, stated.deal_id)
            if before is not None and before.stated == stated:
                return before
            precondition(before)
            if stated.owner is not None and not await teams.member(connection, stated.owner):
                raise DomainError(
                    f"there is no member {stated.owner}: enter them first",
                    field="owner",
                    code="unknown_member",
                )
            successor = stated.superseded_by
            if successor is not None and not await repository.find(connection, successor):
                raise DomainError(
                    f"there is no deal {successor}: state it first",
                    field="superseded_by",
                    code="unknown_deal",
                )
            at = self.clock.now()
            if before is not None:  # a publisher's clock may be ahead of ours
                at = max(at, before.said_at + timedelta.resolution)
            deal = await _publish(connection, stated, at, self.topic_prefix)
            await actor.record(
                connection,
                tables.audit_table,
                "put_deal",
                f"deal/{stated.deal_id}",
                before=None if before is None else before.stated.model_dump(mode="json"),
                after=stated.model_dump(mode="json"),
            )
            return deal
