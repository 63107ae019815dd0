"""Tasks of sellers."""

from sqlalchemy import Column, DateTime, ForeignKey, Index, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from followup.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

task = Table(
    "task",
    metadata,
    Column("task_id", String(160, collation="C"), primary_key=True),
    Column(
        "sequence_id",
        ID,
        ForeignKey("sequence.sequence_id", name="fk_task_sequence_id_sequence", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("step_id", ID, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("lead_id", LEAD_ID, nullable=False),
    Column("recipient_lead_id", LEAD_ID, index=True, doc="Whom its text speaks of"),
    Column("municipality_code", String(6)),
    Column("owner", ID, index=True, doc="A seller; null: nobody is known"),
    Column("moved_from", ID, doc="Who is away and had it before"),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("fields", ARRAY(Text), nullable=False, doc="What they note down"),
    Column("status", String(16), nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("snoozed_until", DateTime(timezone=True)),
    Column("outcome", String(32)),
    Column("note", Text),
    Column("record", JSONB(none_as_null=True), doc="followup.domain.task_records.TaskRecord"),
    Column(
        "call_hours",
        JSONB(none_as_null=True),
        doc="Of a call: followup.domain.send_times.call_hours.CallHours",
    ),
    Column("closed_at", DateTime(timezone=True)),
    Column("closed_by", String(255)),
    Column("reminded_at", DateTime(timezone=True), doc="That nobody has taken it"),
    Index("ix_task_status", "status", "due_at"),
)
