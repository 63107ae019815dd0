"""The consumer for topics of a low rate: one event at a time."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.assignment import PartitionHook, nothing_to_do
from kakehashi_common.consumer.lifecycle import Consumer
from kakehashi_common.consumer.settings import ConsumerSettings
from kakehashi_common.contracts.topics import Topic
from kakehashi_common.kafka.settings import KafkaSettings

MessageHandler = Callable[[Received[Any]], Awaitable[None]]
"""Handles one event; it may be given the same event again."""


class MessageConsumer(Consumer):
    """Hands a topic's events to a handler one by one, under the rules of ``BatchConsumer``.

    Each event costs a commit: some hundreds of events a second are the end of it.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        topics: Sequence[Topic],
        group_id: str,
        handler: MessageHandler,
        *,
        settings: ConsumerSettings | None = None,
        on_assigned: PartitionHook = nothing_to_do,
        on_revoked: PartitionHook = nothing_to_do,
    ) -> None:
        async def handle(events: Sequence[Received[Any]]) -> None:
            for event in events:  # one, by max_records
                await handler(event)

        super().__init__(
            kafka,
            topics,
            group_id,
            handle,
            settings=(settings or ConsumerSettings()).model_copy(update={"max_records": 1}),
            on_assigned=on_assigned,
            on_revoked=on_revoked,
        )
