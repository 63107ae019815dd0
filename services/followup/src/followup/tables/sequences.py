"""Sequences, what happened in them, and what was agreed for a proof of concept."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from followup.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

sequence = Table(
    "sequence",
    metadata,
    Column("sequence_id", ID, primary_key=True),
    Column("playbook_id", ID, nullable=False),
    Column("playbook_version", Integer, nullable=False),
    Column("lead_id", LEAD_ID, nullable=False, index=True),
    Column("trigger_id", ID, nullable=False, doc="Of what began it"),
    Column("municipality_code", String(6), index=True),
    Column("stands_for", String(6), doc="The municipality, for all of whose contacts it stands"),
    Column("precedence", SmallInteger, doc="The playbook's priority; null: it pauses no other"),
    Column("version", Integer, nullable=False, doc="Of the state; a lower one is never written"),
    Column("status", String(32), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("is_paused", Boolean, nullable=False),
    Column("step_id", ID, doc="At which it is; null: it has ended"),
    Column("due_at", DateTime(timezone=True), doc="When the step is done"),
    Column("mail_due_at", DateTime(timezone=True), doc="When its mail goes, if one is planned"),
    Column("mail_planned_at", DateTime(timezone=True), doc="Since when it is at that step"),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("end_reason", Text),
    Column("state", JSONB, nullable=False, doc="followup.domain.sequences.SequenceState"),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
Index(
    "uq_sequence_open",
    sequence.c.lead_id,
    sequence.c.playbook_id,
    unique=True,
    postgresql_where=sequence.c.is_open,
)
Index(
    "ix_sequence_precedence",
    sequence.c.lead_id,
    sequence.c.precedence,
    postgresql_where=sequence.c.is_open,
)
Index(
    "ix_sequence_owner",
    sequence.c.state["owner"].astext,
    postgresql_where=sequence.c.is_open,
)

Index(
    "uq_sequence_stands_for",
    sequence.c.stands_for,
    sequence.c.playbook_id,
    unique=True,
    postgresql_where=sequence.c.is_open,
)

sequence_fact = Table(
    "sequence_fact",
    metadata,
    Column(
        "sequence_id",
        ID,
        ForeignKey(
            "sequence.sequence_id", name="fk_sequence_fact_sequence_id_sequence", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("version", Integer, primary_key=True, doc="Of the state that it led to"),
    Column("position", SmallInteger, primary_key=True, doc="Among the effects of its decision"),
    Column("kind", String(32), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, doc="When it happened"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("fact", JSONB, nullable=False, doc="One of followup.domain.sequences.facts"),
    Index("ix_sequence_fact_kind", "kind", "at"),
)

proof_of_concept = Table(
    "proof_of_concept",
    metadata,
    Column(
        "sequence_id",
        ID,
        ForeignKey(
            "sequence.sequence_id",
            name="fk_proof_of_concept_sequence_id_sequence",
            ondelete="CASCADE",
        ),
        primary_key=True,
    ),
    Column("agreed", JSONB, nullable=False, doc="followup.domain.playbooks.proof_of_concept"),
    Column("agreed_by", String(255), nullable=False),
    Column("agreed_at", DateTime(timezone=True), nullable=False),
)
