"""Kafka in: ``lead-events-v1``, and answers of ``followups-v1``, to the use case that scores."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from aiokafka import TopicPartition

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.lead_events import LeadMerged
from kakehashi_common.contracts.topics import FOLLOWUPS, LEAD_EVENTS
from kakehashi_common.lead_merges.batches import merges_in
from lead_scoring.scoring.followups import lead_events_of
from lead_scoring.scoring.service import Scoring
from lead_scoring.settings import LeadScoringSettings


def lead_events_consumer(settings: LeadScoringSettings, scoring: Scoring) -> BatchConsumer:
    """The consumer that scores lead events in batches."""
    topics = [LEAD_EVENTS, FOLLOWUPS] if settings.read_followups else [LEAD_EVENTS]

    async def on_lead_events(batch: Sequence[Received[Any]]) -> None:
        if settings.read_followups:
            batch = lead_events_of(batch)
        if merges := merges_in(batch):
            await scoring.merge_leads(merges)
            batch = [each for each in batch if not isinstance(each.event.data, LeadMerged)]
        if batch:
            await scoring.score_batch(batch)

    async def on_partitions_changed(_: set[TopicPartition]) -> None:
        scoring.cache.clear()

    return BatchConsumer(
        settings.kafka,
        [replace(topic, name=settings.topic_prefix + topic.name) for topic in topics],
        settings.group_id,
        on_lead_events,
        settings=settings.consumer,
        on_revoked=on_partitions_changed,
    )
