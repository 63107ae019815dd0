"""Kafka in: ``deal-events-v1`` to the newest statement of each deal."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handoff.deals.statements import DealStatements
from handoff.settings import HandoffSettings
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.topics import DEAL_EVENTS


def deal_events_consumer(settings: HandoffSettings, statements: DealStatements) -> BatchConsumer:
    """Return the consumer that keeps deals, and closes the handoffs of those that were decided."""

    async def on_deal_events(batch: Sequence[Received[Any]]) -> None:
        await statements.take_in(batch)

    return BatchConsumer(
        settings.kafka,
        [replace(DEAL_EVENTS, name=settings.topic_prefix + DEAL_EVENTS.name)],
        f"{settings.group_id}.deal-events",
        on_deal_events,
        settings=settings.consumer,
    )
