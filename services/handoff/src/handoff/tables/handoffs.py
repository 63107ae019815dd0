"""Handoffs, and what happened in them."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from handoff.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

handoff = Table(
    "handoff",
    metadata,
    Column("handoff_id", ID, primary_key=True),
    Column("lead_id", LEAD_ID, nullable=False, index=True),
    Column("from_role", String(32), nullable=False),
    Column("to_role", String(32), nullable=False),
    Column("version", Integer, nullable=False, doc="Of the state; a lower one is never written"),
    Column("status", String(16), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("municipality_code", String(6), index=True),
    Column("policy_area", String(64)),
    Column("grade", String(64)),
    Column("complexity", Integer, nullable=False),
    Column("sender", ID),
    Column("owner", ID, doc="Of an ended handoff: the last one"),
    Column("carried_by", ID, doc="Whose capacity it takes up; set when it is assigned"),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("outcome", String(16)),
    Column("deal_id", ID),
    Column("next_due_at", DateTime(timezone=True), doc="When its first running clock is due"),
    Column("state", JSONB, nullable=False, doc="handoff.domain.handoff.HandoffState"),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
Index(
    "uq_handoff_open",
    handoff.c.lead_id,
    handoff.c.from_role,
    handoff.c.to_role,
    unique=True,
    postgresql_where=handoff.c.is_open,
)
Index(
    "ix_handoff_carried_by",
    handoff.c.carried_by,
    postgresql_where=handoff.c.carried_by.is_not(None),
)

handoff_fact = Table(
    "handoff_fact",
    metadata,
    Column(
        "handoff_id",
        ID,
        ForeignKey(
            "handoff.handoff_id", name="fk_handoff_fact_handoff_id_handoff", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("version", Integer, primary_key=True, doc="Of the state that it led to"),
    Column("position", SmallInteger, primary_key=True, doc="Among the effects of its decision"),
    Column("kind", String(32), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, doc="When it happened"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("round", Integer, nullable=False),
    Column("owner", ID, doc="After it"),
    Column("fact", JSONB, nullable=False, doc="One of handoff.domain.handoff.facts"),
    Index("ix_handoff_fact_kind", "kind", "at"),
)

phase_wake = Table(
    "phase_wake",
    metadata,
    Column(
        "handoff_id",
        ID,
        ForeignKey(
            "handoff.handoff_id", name="fk_phase_wake_handoff_id_handoff", ondelete="CASCADE"
        ),
        primary_key=True,
        doc="Recycled until a phase that has begun, and not woken yet",
    ),
    Column("phase", String(64), nullable=False),
    Column("began_on", Date, nullable=False),
    Column("said_by", Text, nullable=False),
    Column(
        "look_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True
    ),
)
