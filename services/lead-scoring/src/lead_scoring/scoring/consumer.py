"""Kafka in: ``lead-events-v1`` to the use case that scores, ``budget-phases-v1`` to timing."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiokafka import TopicPartition

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.topics import BUDGET_PHASES, LEAD_EVENTS, Topic
from kakehashi_common.db import Database
from lead_scoring.budget_timing import service as budget_timing
from lead_scoring.scoring.service import Scoring
from lead_scoring.settings import LeadScoringSettings


def lead_events_consumer(settings: LeadScoringSettings, scoring: Scoring) -> BatchConsumer:
    """The consumer that scores lead events in batches."""

    async def on_lead_events(batch: Sequence[Received[Any]]) -> None:
        await scoring.score_batch(batch)

    async def on_partitions_changed(_: set[TopicPartition]) -> None:
        scoring.cache.clear()

    return BatchConsumer(
        settings.kafka,
        [_topic(settings, LEAD_EVENTS)],
        settings.group_id,
        on_lead_events,
        settings=settings.consumer,
        on_revoked=on_partitions_changed,
    )


def budget_phases_consumer(settings: LeadScoringSettings, database: Database) -> BatchConsumer:
    """The consumer that keeps where municipalities stand in their budget year."""

    async def on_budget_phases(batch: Sequence[Received[Any]]) -> None:
        await budget_timing.take_in(database, batch)

    return BatchConsumer(
        settings.kafka,
        [_topic(settings, BUDGET_PHASES)],
        f"{settings.group_id}.budget-phases",
        on_budget_phases,
        settings=settings.consumer,
    )


def _topic(settings: LeadScoringSettings, declared: Topic) -> Topic:
    return replace(declared, name=settings.topic_prefix + declared.name)
