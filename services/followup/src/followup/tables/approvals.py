"""Mails that wait for a person's approval."""

from sqlalchemy import Column, DateTime, Double, ForeignKey, Index, String, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from followup.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

approval = Table(
    "approval",
    metadata,
    Column("approval_id", String(160, collation="C"), primary_key=True),
    Column(
        "sequence_id",
        ID,
        ForeignKey(
            "sequence.sequence_id", name="fk_approval_sequence_id_sequence", ondelete="CASCADE"
        ),
        nullable=False,
        index=True,
    ),
    Column("step_id", ID, nullable=False),
    Column("lead_id", LEAD_ID, nullable=False),
    Column("recipient_lead_id", LEAD_ID, index=True, doc="To whom it says something"),
    Column("municipality_code", String(6)),
    Column("approver", ID, index=True, doc="A seller; null: anybody who may approve"),
    Column("moved_from", ID, doc="Who is away and had it before"),
    Column("status", String(16), nullable=False),
    Column("subject", Text, nullable=False, doc="As it was rendered"),
    Column("text", Text, nullable=False),
    Column("fill_ins", ARRAY(Text), nullable=False, doc="What a person has to write: the labels"),
    Column("fill_in_names", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column(
        "passages",
        JSONB,
        nullable=False,
        server_default=text("'{}'"),
        doc="What they have written, by name; may hold personal data",
    ),
    Column("edited_subject", Text, doc="As a person has changed it; null: they have not"),
    Column("edited_text", Text),
    Column("seen_digest", String(16), doc="Of the text that whoever lets it go has seen"),
    Column("changed_share", Double, doc="Of the original, from 0 to 1"),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", String(255)),
    Column("reason", Text),
    Column("reminded_at", DateTime(timezone=True), doc="That nobody has taken it"),
    Index("ix_approval_status", "status", "expires_at"),
)
