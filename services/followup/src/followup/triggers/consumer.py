"""Kafka in: the reasons that others report, and what contacts do."""

from dataclasses import replace

from followup.contacts.service import Contacts
from followup.settings import FollowupSettings
from followup.triggers.behaviours import Behaviours
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.consumer.delivery import BatchHandler, in_turn
from kakehashi_common.contracts.topics import (
    FOLLOWUP_TRIGGERS,
    LEAD_EVENTS,
    LEAD_SCORES,
    Topic,
)


def reasons_consumer(settings: FollowupSettings, handle: BatchHandler) -> BatchConsumer:
    """Return the consumer that takes in reasons, and what they may follow from."""
    return _consumer(settings, FOLLOWUP_TRIGGERS, "followup-triggers", handle)


def lead_events_consumer(settings: FollowupSettings, handle: BatchHandler) -> BatchConsumer:
    """Return the consumer of who the contacts are and what they do: see :func:`lead_events`."""
    return _consumer(settings, LEAD_EVENTS, "lead-events", handle)


def lead_events(
    contacts: Contacts, behaviours: Behaviours, save_occurrences: BatchHandler
) -> BatchHandler:
    """Return what takes in ``lead-events-v1``.

    Who somebody is comes first: what they do counts for the municipality that is known by then.
    """
    return in_turn(contacts.save_lead_events, behaviours.save_lead_events, save_occurrences)


def lead_scores_consumer(
    settings: FollowupSettings, erase: BatchHandler, save_scores: BatchHandler
) -> BatchConsumer:
    """Return the consumer of scores: has contacts erased, and watches for jumps."""
    return _consumer(settings, LEAD_SCORES, "lead-scores", in_turn(erase, save_scores))


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
