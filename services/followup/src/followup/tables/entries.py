"""The table of decisions on contacts' entries into playbooks."""

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text

from followup.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

entry_decision = Table(
    "entry_decision",
    metadata,
    Column("trigger_id", ID, primary_key=True, doc="Of the reason or behaviour"),
    Column("lead_id", LEAD_ID, primary_key=True),
    Column("playbook_id", ID, primary_key=True),
    Column("playbook_version", Integer, nullable=False),
    Column("sequence_id", ID, doc="Null: the contact did not enter"),
    Column("why_ja", Text, nullable=False),
    Column("why_en", Text, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Index("ix_entry_decision_lead_id", "lead_id", "decided_at"),
)
