"""Publish what has happened to a handoff, in the transaction that records it."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from handoff.domain.handoff.facts import Fact
from handoff.domain.handoff.state import HandoffState
from handoff.events.mapping import SOURCE, event_data
from handoff.tables import outbox_table
from kakehashi_common.contracts.events import Event
from kakehashi_common.outbox import store as outbox
from kakehashi_common.outbox.events import event_message


async def publish(
    connection: AsyncConnection,
    state: HandoffState,
    facts: Iterable[tuple[str, Fact]],
    *,
    topic_prefix: str,
) -> None:
    """Publish facts once the transaction is committed.

    Args:
        connection: of the transaction that stores the state for the first time.
        state: after the decision that the facts belong to.
        facts: each with its identity, which makes the event's id.
        topic_prefix: before the topic's name.
    """
    await outbox.add(
        connection,
        outbox_table,
        [
            event_message(
                Event(identity, SOURCE, fact.at, event_data(state, fact)),
                key=state.lead_id,
                topic_prefix=topic_prefix,
            )
            for identity, fact in facts
        ],
    )
