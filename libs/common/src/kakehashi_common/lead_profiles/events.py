"""What events say of the fields of leads' profiles."""

from collections.abc import Iterator, Sequence
from typing import Any

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.lead_events import ProfileChanged
from kakehashi_common.lead_profiles.repository import FieldSaid


def fields_said(received: Received[Any], names: Sequence[str]) -> Iterator[FieldSaid]:
    """Yield what an event says of those fields of a profile; nothing if it is about another thing.

    Args:
        received: any event of ``lead-events-v1``.
        names: fields of :class:`~kakehashi_common.contracts.lead_events.ProfileChanged` that hold
            text.
    """
    event = received.event
    data = event.data
    if not isinstance(data, ProfileChanged):
        return
    for name in names:
        if name in data.model_fields_set:
            yield FieldSaid(
                data.lead_id,
                name,
                getattr(data, name),
                event.occurred_at,
                received.key,
                event.source,
            )
