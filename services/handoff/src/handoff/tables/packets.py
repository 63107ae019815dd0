"""Packets, and whether leads were ready."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from handoff.tables.schema import ID, metadata

packet = Table(
    "packet",
    metadata,
    Column(
        "handoff_id",
        ID,
        ForeignKey("handoff.handoff_id", name="fk_packet_handoff_id_handoff", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("version", Integer, nullable=False, doc="Counts the changes"),
    Column("entries", JSONB, nullable=False, doc="What people entered; packet.Entry"),
)

packet_verdict = Table(
    "packet_verdict",
    metadata,
    Column(
        "handoff_id",
        ID,
        ForeignKey(
            "handoff.handoff_id", name="fk_packet_verdict_handoff_id_handoff", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("field", String(32), primary_key=True),
    Column("digest", String(32), primary_key=True, doc="Of the text that was judged"),
    Column("verdict", String(16), nullable=False),
    Column("by", String(255), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("source", Text, nullable=False, doc="Of the text: a member, or an event's source"),
    Column("entered_by_person", Boolean, nullable=False),
)

readiness_snapshot = Table(
    "readiness_snapshot",
    metadata,
    Column(
        "handoff_id",
        ID,
        ForeignKey(
            "handoff.handoff_id",
            name="fk_readiness_snapshot_handoff_id_handoff",
            ondelete="CASCADE",
        ),
        primary_key=True,
    ),
    Column("version", Integer, primary_key=True, doc="Of the handoff's state"),
    Column("moment", String(16), nullable=False, doc="requested or accepted"),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("criteria", JSONB, nullable=False, doc="Answer and evidence of each, as computed"),
    Column("required", ARRAY(String(32)), nullable=False, doc="Fields of the packet"),
    Column("missing", ARRAY(String(32)), nullable=False),
)
