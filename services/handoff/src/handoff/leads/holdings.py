"""Tables in which handoff holds data about a person: one list, by which it is exported.

A test compares it with the tables: whoever adds one says here whose data it holds, and sees to its
erasure in `leads.repository` or `handoffs.repository`.
"""

from typing import Final

from kakehashi_common.lead_profiles.holdings import BY_LEAD, Holding

_BY_HANDOFF: Final = f"handoff_id in (select handoff_id from handoff where {BY_LEAD})"  # noqa: S608 - our own

HOLDINGS: Final = (
    Holding("lead"),
    Holding("lead_field"),
    Holding("lead_activity"),
    Holding("lead_followup"),
    Holding("handoff"),
    Holding("handoff_fact", _BY_HANDOFF),
    Holding("packet", _BY_HANDOFF),
    Holding("packet_verdict", _BY_HANDOFF),
    Holding("readiness_snapshot", _BY_HANDOFF),
    Holding("notification", _BY_HANDOFF),
    Holding("seller_activity"),
)

OTHERS: Final = frozenset(
    {
        "absence",
        "assignment",
        "audit",
        "deal",
        "delivery",
        "erased_lead",
        "idempotency_key",
        "member",
        "merged_lead",
        "municipality_milestone",
        "municipality_phase",
        "outbox",
        "phase_wake",
        "policy",
        "pursuit",
        "rotation",
        "team",
        "territory",
        "webhook",
    }
)
"""Tables that hold nothing about a lead's person but the lead's id."""
