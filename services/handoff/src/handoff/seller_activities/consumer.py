"""Kafka in: ``seller-activities-v1`` to what sellers did, and to their handoffs."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from handoff.seller_activities.service import SellerActivities
from handoff.settings import HandoffSettings
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.batch import BatchConsumer
from kakehashi_common.contracts.topics import SELLER_ACTIVITIES


def seller_activities_consumer(
    settings: HandoffSettings, activities: SellerActivities
) -> BatchConsumer:
    """Return the consumer that keeps activities, and recognises what they say of handoffs."""

    async def on_seller_activities(batch: Sequence[Received[Any]]) -> None:
        await activities.take_in(batch)

    return BatchConsumer(
        settings.kafka,
        [replace(SELLER_ACTIVITIES, name=settings.topic_prefix + SELLER_ACTIVITIES.name)],
        f"{settings.group_id}.seller-activities",
        on_seller_activities,
        settings=settings.consumer,
    )
