"""Read follow-ups of leads from events of ``followups-v1``."""

from typing import Final

from handoff.domain.lead import FOLLOWUPS, Followup
from handoff.leads.followup_repository import FollowupSaid
from handoff.leads.repository import LeadActive
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.followups import FollowupChanged, Occurred, Sent

_ANSWERS: Final = frozenset({"answered", "negative", "meeting_booked"})
"""Occurrences in which seller and lead exchanged something."""


def followup_said(event: Event[FollowupChanged]) -> FollowupSaid | None:
    """Return the follow-up that a packet shows of an event; ``None``: it shows none.

    A message with a Message-ID, in angle brackets, is a mail; notices of other systems have none.
    """
    data, fact = event.data, event.data.fact
    reference, step_id = "", None
    if isinstance(fact, Sent) and fact.message_id.startswith("<"):
        kind, reference, step_id = "sent", fact.message_id, fact.step_id
    elif isinstance(fact, Occurred) and fact.occurrence in FOLLOWUPS:
        kind = fact.occurrence
    else:
        return None
    followup = Followup(kind, event.occurred_at, data.playbook_id, step_id, event.source)
    return FollowupSaid(data.lead_id, reference, followup)


def activity_by(said: FollowupSaid) -> LeadActive:
    """Return when the lead was active, and in contact, according to a follow-up."""
    at = said.followup.at if said.followup.kind in _ANSWERS else None
    return LeadActive(said.lead_id, at, at)
