"""Maps events of handoffs and deals to labels and deals."""

from collections.abc import Mapping
from typing import Any, Final

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.deal_events import DealChanged
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.handoffs import (
    Closed,
    Disqualified,
    HandoffChanged,
    Rejected,
    Requested,
    Withdrawn,
)
from lead_scoring.domain.label import ABOUT_THE_LEAD, Ending, Label, Rejection
from lead_scoring.feedback.repository import StoredDeal

_TIMES: Final[Mapping[str, str]] = {
    "requested": "requested_at",
    "accepted": "accepted_at",
    "returned": "returned_at",
    "recycled": "recycled_at",
    "first_contact_made": "contacted_at",
    "meeting_held": "met_at",
}
"""The time that a label keeps of a step."""


def label_of(event: Event[HandoffChanged]) -> Label:
    """Return the label that one step makes by itself."""
    data, at = event.data, event.occurred_at
    step = data.step
    learnt: dict[str, Any] = {}
    if (time := _TIMES.get(step.kind)) is not None:
        learnt[time] = at
    match step:
        case Requested(qualification_id=qualification_id):
            learnt["qualification_id"] = qualification_id
        case Rejected(reason=reason, consequence=consequence) if consequence in ABOUT_THE_LEAD:
            learnt["rejection"] = Rejection(at, reason, consequence)
        case Closed(outcome=outcome, deal_id=deal_id):
            learnt["ending"] = Ending(at, step.kind, outcome.value, deal_id or "")
        case Disqualified() | Withdrawn():
            learnt["ending"] = Ending(at, step.kind)
    return Label(
        data.handoff_id, data.lead_id, data.from_role.value, data.to_role.value, at, **learnt
    )


def deal_of(received: Received[DealChanged]) -> StoredDeal:
    """Return what an event says of a deal."""
    event = received.event
    data = event.data
    return StoredDeal(
        deal_id=data.deal_id,
        said_at=event.occurred_at,
        event_key=received.key,
        outcome=None if data.outcome is None else data.outcome.value,
        outcome_reason=data.outcome_reason,
        amount_yen=data.amount_yen,
    )
