"""Kafka in: what other services say of leads and municipalities, each topic by itself."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handoff.leads.service import Leads
from handoff.settings import HandoffSettings
from kakehashi_common.budget_timing.service import save_budget_phases
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.consumer.delivery import BatchHandler, in_turn
from kakehashi_common.contracts.topics import (
    BUDGET_PHASES,
    FOLLOWUPS,
    LEAD_EVENTS,
    LEAD_SCORES,
    Topic,
)
from kakehashi_common.db import Database
from kakehashi_common.lead_merges.batches import under_surviving_ids


def lead_events_consumer(
    settings: HandoffSettings, leads: Leads, database: Database
) -> BatchConsumer:
    """Return the consumer that keeps what leads did, who they are, and which are one person."""
    handle = in_turn(leads.save_merges, under_surviving_ids(database, leads.save_lead_events))
    return _consumer(settings, LEAD_EVENTS, "lead-events", handle)


def lead_scores_consumer(settings: HandoffSettings, leads: Leads) -> BatchConsumer:
    """Return the consumer that keeps scores, and erases whose score is gone."""
    return _consumer(settings, LEAD_SCORES, "lead-scores", leads.save_scores)


def followups_consumer(
    settings: HandoffSettings, leads: Leads, database: Database
) -> BatchConsumer:
    """Return the consumer that keeps what was sent to leads, and what they made of it."""
    handle = under_surviving_ids(database, leads.save_followups)
    return _consumer(settings, FOLLOWUPS, "followups", handle)


def municipalities_consumer(
    settings: HandoffSettings, leads: Leads, database: Database
) -> BatchConsumer:
    """Return the consumer that keeps where municipalities stand, and the outcome of pursuits."""

    async def on_budget_phases(batch: Sequence[Received[Any]]) -> None:
        await save_budget_phases(database, batch)
        await leads.save_pursuits(batch)

    return _consumer(settings, BUDGET_PHASES, "municipalities", on_budget_phases)


def _consumer(
    settings: HandoffSettings, topic: Topic, name: str, handler: BatchHandler
) -> BatchConsumer:
    return BatchConsumer(
        settings.kafka,
        [replace(topic, name=settings.topic_prefix + topic.name)],
        f"{settings.group_id}.{name}",
        handler,
        settings=settings.consumer,
    )
