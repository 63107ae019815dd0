"""Tells repeated events from conflicting ones: the same identity with other content.

The inbox knows the digest of an event's bytes. Equal bytes say the same, and that settles nearly
every repeat for free. One event sent both by Kafka and by HTTP differs in its bytes (order of
keys, spaces, ``+09:00`` or ``Z``): only then is its content compared with the first copy's.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.inbox import Admission
from kakehashi_common.db import RawConnection
from lead_scoring.scoring.repository import events

_Content = tuple[str, str, datetime, str]


async def conflicts(
    connection: RawConnection, batch: Sequence[Received[Any]], admission: Admission
) -> list[Received[Any]]:
    """The events of ``batch`` whose identity belongs to an event that says something else.

    An event whose first copy is no longer in the event log counts as a conflict.
    """
    differing = [batch[position] for position in admission.conflicts]
    if not differing:
        return []
    keys = {received.key for received in differing}
    first: dict[UUID, _Content] = {
        received.key: _content(received)
        for received, new in zip(batch, admission.new, strict=True)
        if new and received.key in keys
    }
    lead_ids = {received.event.data.lead_id for received in differing}
    for logged in await events.of_keys(connection, list(lead_ids), list(keys - first.keys())):
        first[logged.event_key] = (
            logged.lead_id,
            logged.type,
            logged.occurred_at,
            _canonical(logged.data),
        )
    return [received for received in differing if first.get(received.key) != _content(received)]


def _content(received: Received[Any]) -> _Content:
    event = received.event
    data = _canonical(received.data_json)
    return event.data.lead_id, event.data.TYPE, event.occurred_at, data


def _canonical(data_json: bytes) -> str:
    return json.dumps(json.loads(data_json), sort_keys=True)
