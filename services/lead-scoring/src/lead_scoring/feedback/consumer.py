"""Kafka in: ``handoffs-v1`` and ``deal-events-v1`` to labels."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.topics import DEAL_EVENTS, HANDOFFS
from kakehashi_common.db import Database
from lead_scoring.feedback import service
from lead_scoring.settings import LeadScoringSettings
from lead_scoring.suppression.suppression_list import SuppressionList


def feedback_consumer(
    settings: LeadScoringSettings, database: Database, suppression: SuppressionList | None
) -> BatchConsumer:
    """The consumer that keeps what became of handoffs and deals."""

    async def on_feedback(batch: Sequence[Received[Any]]) -> None:
        await service.save_feedback(database, suppression, batch)

    return BatchConsumer(
        settings.kafka,
        [
            replace(topic, name=settings.topic_prefix + topic.name)
            for topic in (HANDOFFS, DEAL_EVENTS)
        ],
        f"{settings.group_id}.feedback",
        on_feedback,
        settings=settings.consumer,
    )
