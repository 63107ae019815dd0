"""The tables of handoff, as SQLAlchemy Core. SQL that uses them is in ``repository`` modules."""

from handoff.tables.assignments import assignment, rotation
from handoff.tables.budget_timing import milestone_table, phase_table
from handoff.tables.deals import deal
from handoff.tables.handoffs import handoff, handoff_fact, phase_wake
from handoff.tables.leads import (
    erased_lead,
    lead,
    lead_activity,
    lead_field,
    lead_followup,
    merged_lead,
)
from handoff.tables.notifications import delivery, notification, webhook
from handoff.tables.packets import packet, packet_verdict, readiness_snapshot
from handoff.tables.policies import policy
from handoff.tables.pursuits import pursuit
from handoff.tables.schema import audit_table, idempotency_table, metadata, outbox_table
from handoff.tables.seller_activities import seller_activity
from handoff.tables.teams import absence, member, team, territory

__all__ = [
    "absence",
    "assignment",
    "audit_table",
    "deal",
    "delivery",
    "erased_lead",
    "handoff",
    "handoff_fact",
    "idempotency_table",
    "lead",
    "lead_activity",
    "lead_field",
    "lead_followup",
    "member",
    "merged_lead",
    "metadata",
    "milestone_table",
    "notification",
    "outbox_table",
    "packet",
    "packet_verdict",
    "phase_table",
    "phase_wake",
    "policy",
    "pursuit",
    "readiness_snapshot",
    "rotation",
    "seller_activity",
    "team",
    "territory",
    "webhook",
]
