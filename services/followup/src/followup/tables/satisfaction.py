"""Tables of customers' answers to short surveys."""

from sqlalchemy import Column, DateTime, Index, SmallInteger, String, Table, Text, Uuid, func

from followup.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

survey_answer = Table(
    "survey_answer",
    metadata,
    Column("answer_id", Uuid, primary_key=True, doc="Digest of its event's source and id"),
    Column("municipality_code", String(6), index=True),
    Column("lead_id", LEAD_ID, index=True, doc="Null: nobody knows who answered"),
    Column("about", String(32), nullable=False),
    Column("playbook_id", ID),
    Column("sequence_id", ID),
    Column("score", SmallInteger, nullable=False, doc="From 1 to 5"),
    Column("comment", Text),
    Column("owner", String(64), doc="A seller"),
    Column("answered_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("ix_survey_answer_answered_at", "answered_at"),
)
