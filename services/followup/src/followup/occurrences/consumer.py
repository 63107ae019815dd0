"""Kafka in: what has happened to leads and municipalities, for their open sequences."""

from dataclasses import replace
from typing import Final

from followup.settings import FollowupSettings
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.consumer.delivery import BatchHandler
from kakehashi_common.contracts.topics import (
    BUDGET_PHASES,
    DEAL_EVENTS,
    HANDOFFS,
    SELLER_ACTIVITIES,
)

TOPICS: Final = (HANDOFFS, SELLER_ACTIVITIES, BUDGET_PHASES, DEAL_EVENTS)
"""``lead-events-v1`` is read once for all: see :mod:`followup.triggers.consumer`."""


def occurrences_consumer(settings: FollowupSettings, handle: BatchHandler) -> BatchConsumer:
    """Return the consumer of what happened to leads and municipalities."""
    return BatchConsumer(
        settings.kafka,
        [replace(topic, name=settings.topic_prefix + topic.name) for topic in TOPICS],
        f"{settings.group_id}.occurrences",
        handle,
        settings=settings.consumer,
    )
