"""Events as a consumer hands them to a service, without a broker."""

import uuid
from datetime import datetime
from typing import Any, cast

from aiokafka import ConsumerRecord

from kakehashi_common.cloudevents.codec import Received, content_hash, event_key
from kakehashi_common.contracts.events import Event, EventData


def received(
    data: EventData,
    at: datetime,
    *,
    event_id: str | None = None,
    source: str = "https://web.example.jp",
) -> Received[Any]:
    """An event as the consumer hands it to the service."""
    event = Event(event_id or uuid.uuid4().hex, source, at, data)
    body = data.model_dump_json(exclude_unset=True).encode()
    return Received(
        event,
        event_key(event.source, event.event_id),
        content_hash(data.TYPE, at.isoformat(), body),
        cast("ConsumerRecord[bytes, bytes]", None),
        body,
    )
