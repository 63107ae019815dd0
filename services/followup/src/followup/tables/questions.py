"""Questions that a person is to answer."""

from sqlalchemy import Column, DateTime, Index, String, Table, Text, Uuid

from followup.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

question = Table(
    "question",
    metadata,
    Column("question_id", Uuid, primary_key=True, doc="Digest of who asks what"),
    Column("lead_id", LEAD_ID, index=True, doc="Who asks; null: that is not said"),
    Column("municipality_code", String(6)),
    Column("text", Text, nullable=False),
    Column("owner", ID, doc="The seller who answers; null: anybody"),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("answered_at", DateTime(timezone=True), doc="Null: nobody has"),
    Column("answered_by", String(255)),
    Index("ix_question_due_at", "due_at"),
)
