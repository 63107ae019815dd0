"""Events as messages of the outbox."""

from typing import Any

from kakehashi_common.cloudevents.codec import encode
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.topics import EVENT_TOPICS
from kakehashi_common.outbox.store import Message
from kakehashi_common.telemetry import traceparent


def event_message(event: Event[Any], *, key: str, topic_prefix: str) -> Message:
    """Return an event on its topic, with the present span's trace context.

    Args:
        event: what to publish.
        key: of whom the events keep their order.
        topic_prefix: before the topic's name.
    """
    outgoing = encode(event, key=key, traceparent=traceparent())
    topic = topic_prefix + EVENT_TOPICS[event.data.TYPE].name
    return Message(topic, outgoing.key, outgoing.value, outgoing.headers)
