"""Triggers by which contacts enter playbooks: a reason, or a behaviour that was seen."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from followup.contacts.repository import Contact
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.triggers.reasons import ABOUT_PEOPLE
from followup.occurrences.repository import StoredOccurrence
from followup.triggers.behaviour_repository import SeenBehaviour
from followup.triggers.repository import StoredReason
from kakehashi_common.clock import japan_day
from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.contracts.topics import FOLLOWUP_TRIGGERS
from kakehashi_common.domain.reasons import Audience, ReasonKind

_BEHAVIOURS: Final = "behaviours"
"""The author of behaviours that were seen."""


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
    good_from: date | None = None
    good_until: date | None = None
    lead_ids: tuple[str, ...] = ()
    """The contacts of a municipality whom it is about; empty: unknown, or all of them."""

    @property
    def name(self) -> str:
        """The slug of the reason or behaviour."""
        return self.reason or self.behaviour or ""

    def means(self, contact: Contact) -> bool | None:
        """Whether it is true of a contact; ``None``: it is about no one in particular.

        If the arrival is reported of a municipality as a whole, it is true of contacts who became
        known since then.
        """
        if self.reason not in ABOUT_PEOPLE:
            return None
        if contact.lead_id == self.lead_id or contact.lead_id in self.lead_ids:
            return True
        arrived, since = self.good_from, contact.known_since
        if self.reason != ReasonKind.PERSONNEL_ARRIVAL or arrived is None or since is None:
            return False
        return japan_day(since) >= arrived


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
        good_from=reason.good_from,
        good_until=reason.good_until,
        lead_ids=reason.lead_ids,
    )


def of_behaviour(number: int, seen: SeenBehaviour) -> Trigger:
    """Return a behaviour as a trigger."""
    return Trigger(
        f"behaviour-{number}",
        _BEHAVIOURS,
        behaviour=seen.name,
        lead_id=seen.lead_id,
        municipality_code=seen.municipality_code,
        lead_ids=seen.lead_ids,
    )


def occurrences_of(number: int, seen: SeenBehaviour) -> list[StoredOccurrence]:
    """Return the occurrences that a behaviour means for the sequences of those who showed it."""
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
