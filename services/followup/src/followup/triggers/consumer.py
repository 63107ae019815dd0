"""Kafka in: the reasons that other services and systems report."""

from dataclasses import replace

from followup.settings import FollowupSettings
from followup.triggers.reasons import Reasons
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.topics import FOLLOWUP_TRIGGERS


def reasons_consumer(settings: FollowupSettings, reasons: Reasons) -> BatchConsumer:
    """Return the consumer that takes in reasons."""
    return BatchConsumer(
        settings.kafka,
        [replace(FOLLOWUP_TRIGGERS, name=settings.topic_prefix + FOLLOWUP_TRIGGERS.name)],
        f"{settings.group_id}.followup-triggers",
        reasons.save_reasons,
        settings=settings.consumer,
    )
