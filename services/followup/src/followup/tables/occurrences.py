"""Tables of occurrences to contacts and municipalities, of which sequences are notified."""

from sqlalchemy import Column, DateTime, Index, String, Table, Uuid

from followup.tables.schema import metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

occurrence = Table(
    "occurrence",
    metadata,
    Column("occurrence_id", Uuid, primary_key=True, doc="The same however often it is said"),
    Column("kind", String(32), nullable=False, doc="followup.domain.playbooks.steps"),
    Column("at", DateTime(timezone=True), nullable=False, doc="When it happened"),
    Column("said_by", String(64), nullable=False, doc="The topic"),
    Column("lead_id", LEAD_ID, index=True),
    Column("municipality_code", String(6), index=True, doc="Of a phase, the newest"),
    Column("name", String(64), nullable=False, doc="Of the phase or behaviour; a handoff's owner"),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column(
        "look_at",
        DateTime(timezone=True),
        doc="When open sequences are notified, or notified again; null: they were",
    ),
)
Index("ix_occurrence_look_at", occurrence.c.look_at)
