"""Kafka in: ``lead-events-v1`` to the use case that scores."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiokafka import TopicPartition

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.topics import LEAD_EVENTS
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
        [replace(LEAD_EVENTS, name=settings.topic_prefix + LEAD_EVENTS.name)],
        settings.group_id,
        on_lead_events,
        settings=settings.consumer,
        on_revoked=on_partitions_changed,
    )
