"""Map events of other services to what they mean for sequences."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from followup.domain.playbooks.steps import OccurrenceKind
from followup.occurrences.repository import StoredOccurrence
from kakehashi_common.cloudevents.codec import Received, event_key
from kakehashi_common.contracts.budget_phases import PhaseEntered
from kakehashi_common.contracts.deal_events import DealChanged, DealOutcome
from kakehashi_common.contracts.handoffs import Accepted, HandoffChanged
from kakehashi_common.contracts.lead_events import ActivityKind, ActivityRecorded
from kakehashi_common.contracts.seller_activities import (
    SellerActivityKind,
    SellerActivityRecorded,
)
from kakehashi_common.contracts.topics import EVENT_TOPICS

_MEETINGS: Final = frozenset({"meeting_booked", ActivityKind.MEETING_HELD})
"""Activities of a contact that say that a meeting was agreed on."""

_MET: Final = frozenset({SellerActivityKind.MEETING, SellerActivityKind.VISIT})

_APPOINTMENT_MADE: Final = "appointment_made"
"""The outcome of a seller's activity: a meeting was agreed on."""

_DEALS: Final[Mapping[DealOutcome, OccurrenceKind]] = {
    DealOutcome.WON: OccurrenceKind.DEAL_WON,
    DealOutcome.LOST: OccurrenceKind.DEAL_LOST,
    DealOutcome.NO_DECISION: OccurrenceKind.DEAL_LOST,
}


def occurrences_of(received: Received[Any]) -> Iterator[StoredOccurrence]:
    """Yield what an event means for the sequences of leads, or of a municipality.

    Statements that are made again (an activity, a deal's outcome, the phase of a municipality) are
    one occurrence, however often they come.
    """
    event = received.event
    data = event.data
    at, by = event.occurred_at, EVENT_TOPICS[data.TYPE].name
    match data:
        case HandoffChanged(step=Accepted()):
            yield StoredOccurrence(
                received.key,
                OccurrenceKind.HANDOFF_ACCEPTED,
                at,
                by,
                lead_id=data.lead_id,
                name=data.owner or "",
            )
        case ActivityRecorded(kind=kind) if kind in _MEETINGS:
            yield StoredOccurrence(
                received.key, OccurrenceKind.MEETING_BOOKED, at, by, lead_id=data.lead_id
            )
        case SellerActivityRecorded(lead_id=str()) if _is_meeting(data):
            key = event_key(by, data.activity_id)
            yield StoredOccurrence(key, OccurrenceKind.MEETING_BOOKED, at, by, lead_id=data.lead_id)
        case DealChanged(outcome=DealOutcome() as outcome):
            for lead_id in data.lead_ids:
                key = event_key(by, f"{data.deal_id}/{outcome}/{lead_id}")
                yield StoredOccurrence(key, _DEALS[outcome], at, by, lead_id=lead_id)
        case PhaseEntered():
            yield StoredOccurrence(
                event_key(by, data.municipality_code),
                OccurrenceKind.PHASE_BEGAN,
                at,
                by,
                municipality_code=data.municipality_code,
                name=data.phase,
            )


def _is_meeting(activity: SellerActivityRecorded) -> bool:
    """Whether a meeting was agreed on, or took place."""
    took_place = activity.kind in _MET and activity.reached is True
    return took_place or activity.outcome == _APPOINTMENT_MADE
