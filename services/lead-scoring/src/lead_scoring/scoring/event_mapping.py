"""Maps published events to the domain's facts."""

from typing import Any
from uuid import UUID

from kakehashi_common.contracts import lead_events
from kakehashi_common.contracts.events import Event
from lead_scoring.domain.activity import signal
from lead_scoring.domain.lead import ActivityRecorded, Fact, OutcomeRecorded, ProfileChanged
from lead_scoring.domain.profile import ATTRIBUTE, Scalar

_NOT_PROFILE = frozenset({"lead_id", "attributes"})


def fact_of(event: Event[Any], key: UUID) -> Fact:
    """Return the fact that a ``lead-events-v1`` event states; ``key`` is its identity."""
    data = event.data
    if type(data) is lead_events.ActivityRecorded:
        return ActivityRecorded(event.occurred_at, signal(data.kind, data.category))
    if type(data) is lead_events.ProfileChanged:
        return ProfileChanged(event.occurred_at, key.bytes, _fields(data))
    if type(data) is lead_events.OutcomeRecorded:
        return OutcomeRecorded(event.occurred_at, key.bytes, data.outcome.value, data.amount_yen)
    raise TypeError(f"no fact for {type(data).__name__}")


def _fields(data: lead_events.ProfileChanged) -> dict[str, Scalar]:
    stated: dict[str, Scalar] = {
        name: getattr(data, name) for name in sorted(data.model_fields_set - _NOT_PROFILE)
    }
    if data.role is not None:
        stated["role"] = data.role.value
    for name, value in data.attributes.items():
        stated[ATTRIBUTE + name] = value
    return stated
