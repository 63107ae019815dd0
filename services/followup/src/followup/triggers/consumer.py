"""Kafka in: the reasons that others report, and what contacts do."""

from dataclasses import replace

from followup.settings import FollowupSettings
from followup.triggers.behaviours import Behaviours
from followup.triggers.reasons import Reasons
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.consumer.delivery import BatchHandler
from kakehashi_common.contracts.topics import (
    FOLLOWUP_TRIGGERS,
    LEAD_EVENTS,
    LEAD_SCORES,
    Topic,
)


def reasons_consumer(settings: FollowupSettings, reasons: Reasons) -> BatchConsumer:
    """Return the consumer that takes in reasons."""
    return _consumer(settings, FOLLOWUP_TRIGGERS, "followup-triggers", reasons.save_reasons)


def activities_consumer(settings: FollowupSettings, behaviours: Behaviours) -> BatchConsumer:
    """Return the consumer that watches what contacts do."""
    return _consumer(settings, LEAD_EVENTS, "activities", behaviours.save_lead_events)


def scores_consumer(settings: FollowupSettings, behaviours: Behaviours) -> BatchConsumer:
    """Return the consumer that watches for a jump of the score."""
    return _consumer(settings, LEAD_SCORES, "scores", behaviours.save_scores)


def _consumer(
    settings: FollowupSettings, topic: Topic, name: str, handler: BatchHandler
) -> BatchConsumer:
    return BatchConsumer(
        settings.kafka,
        [replace(topic, name=settings.topic_prefix + topic.name)],
        f"{settings.group_id}.{name}",
        handler,
        settings=settings.consumer,
    )
