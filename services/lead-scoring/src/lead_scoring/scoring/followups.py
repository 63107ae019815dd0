"""Contacts' activities in follow-ups: ``followups-v1`` beside ``lead-events-v1``."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from kakehashi_common.cloudevents.codec import Received, content_hash, event_key
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.followups import FollowupChanged, Occurred
from kakehashi_common.contracts.lead_events import ActivityKind, ActivityRecorded
from kakehashi_common.contracts.topics import TOPICS

_BY_MAIL: Final = "mail"
"""The publisher of answers by mail; any other answer was reported by a person, mostly of a call."""

_TOPICS: Final = frozenset(topic.name for topic in TOPICS)
"""Topics whose own events are scored: a sequence's repetition of them is not."""

_KINDS: Final[Mapping[str, str]] = {
    "answered": ActivityKind.CALL_ANSWERED,
    "negative": "declined",
    "meeting_booked": "meeting_booked",
    "opted_out": "opted_out",
}
"""The kinds of activity; those that the shipped rules don't name give no points until a rule does.
What the seller did, such as sending a mail, does not count as an activity of the contact."""


def activity_of(received: Received[FollowupChanged]) -> Received[ActivityRecorded] | None:
    """Return the activity that an event of a sequence reports; ``None``: it reports none.

    All open sequences of a contact report an answer, each by an event of its own: the activity's
    identity is that of the answer, so that it counts once.
    """
    event = received.event
    fact = event.data.fact
    if not isinstance(fact, Occurred) or fact.occurrence not in _KINDS or fact.by in _TOPICS:
        return None
    kind = _KINDS[fact.occurrence]
    if kind == ActivityKind.CALL_ANSWERED and fact.by == _BY_MAIL:
        kind = ActivityKind.MAIL_ANSWERED
    data = ActivityRecorded(lead_id=event.data.lead_id, kind=kind)
    at = event.occurred_at.isoformat()
    event_id = f"{data.lead_id}/{kind}/{at}"
    body = data.model_dump_json(exclude_unset=True).encode()
    return Received(
        Event(event_id, event.source, event.occurred_at, data),
        event_key(event.source, event_id),
        content_hash(data.TYPE, at, body),
        received.record,
        body,
        received.traceparent,
    )


def lead_events_of(batch: Sequence[Received[Any]]) -> list[Received[Any]]:
    """Return the lead events in a batch of both topics, in the same order."""
    return [said for received in batch if (said := _lead_event(received)) is not None]


def _lead_event(received: Received[Any]) -> Received[Any] | None:
    if isinstance(received.event.data, FollowupChanged):
        return activity_of(received)
    return received
