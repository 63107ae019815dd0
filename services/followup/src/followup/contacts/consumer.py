"""Kafka in: what other services say of contacts, each topic by itself."""

from dataclasses import replace

from followup.contacts.service import Contacts
from followup.settings import FollowupSettings
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.consumer.delivery import BatchHandler
from kakehashi_common.contracts.topics import LEAD_EVENTS, LEAD_SCORES, Topic


def lead_events_consumer(settings: FollowupSettings, contacts: Contacts) -> BatchConsumer:
    """Return the consumer that keeps who the contacts are."""
    return _consumer(settings, LEAD_EVENTS, "lead-events", contacts.save_lead_events)


def lead_scores_consumer(settings: FollowupSettings, erase: BatchHandler) -> BatchConsumer:
    """Return the consumer that has contacts erased whose score is gone."""
    return _consumer(settings, LEAD_SCORES, "lead-scores", erase)


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
