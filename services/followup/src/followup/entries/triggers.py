"""What has contacts enter playbooks: a reason, or a behaviour that was seen."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from followup.domain.playbooks.steps import OccurrenceKind
from followup.occurrences.repository import StoredOccurrence
from followup.triggers.behaviour_repository import SeenBehaviour
from followup.triggers.repository import StoredReason
from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.contracts.topics import FOLLOWUP_TRIGGERS
from kakehashi_common.domain.reasons import Audience

_BEHAVIOURS: Final = "behaviours"
"""Who says that a behaviour was seen."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A reason or a behaviour."""

    trigger_id: str
    by: str
    reason: str | None = None
    behaviour: str | None = None
    lead_id: str | None = None
    municipality_code: str | None = None
    owner: str | None = None
    audience: frozenset[Audience] = frozenset()
    policy_area: str | None = None
    urgent: bool = False
    good_until: date | None = None

    @property
    def name(self) -> str:
        """The slug of the reason or behaviour."""
        return self.reason or self.behaviour or ""


def of_reason(stored: StoredReason) -> Trigger:
    """Return a reason as a trigger."""
    reason = stored.reason
    return Trigger(
        str(stored.reason_id),
        FOLLOWUP_TRIGGERS.name,
        reason=reason.kind,
        lead_id=reason.lead_id,
        municipality_code=reason.municipality_code,
        owner=reason.owner,
        audience=reason.audience,
        policy_area=reason.policy_area,
        urgent=reason.urgent,
        good_until=reason.good_until,
    )


def of_behaviour(number: int, seen: SeenBehaviour) -> Trigger:
    """Return a behaviour as a trigger."""
    return Trigger(
        f"behaviour-{number}",
        _BEHAVIOURS,
        behaviour=seen.name,
        lead_id=seen.lead_id,
        municipality_code=seen.municipality_code,
    )


def occurrences_of(number: int, seen: SeenBehaviour) -> list[StoredOccurrence]:
    """Return what a behaviour is to the sequences of those who showed it."""
    return [
        StoredOccurrence(
            event_key(_BEHAVIOURS, f"{number}/{lead_id}"),
            OccurrenceKind.BEHAVIOUR,
            seen.seen_at,
            _BEHAVIOURS,
            lead_id=lead_id,
            name=seen.name,
        )
        for lead_id in ([seen.lead_id] if seen.lead_id is not None else seen.lead_ids)
    ]
