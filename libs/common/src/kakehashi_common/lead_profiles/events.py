"""Read the fields of leads' profiles from events."""

from collections.abc import Iterator, Sequence
from typing import Any

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.lead_events import ProfileChanged
from kakehashi_common.lead_profiles.repository import FieldSaid


def fields_said(received: Received[Any], names: Sequence[str]) -> Iterator[FieldSaid]:
    """Yield the values that an event gives those fields of a profile; none if it is another event.

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
