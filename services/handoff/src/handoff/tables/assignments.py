"""Tables of assignments, their candidates, and the rotation between members."""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Index, Integer, String, Table
from sqlalchemy.dialects.postgresql import JSONB

from handoff.tables.schema import ID, metadata

rotation = Table(
    "rotation",
    metadata,
    Column("team_id", ID, primary_key=True, doc="'-': of what lies in nobody's territory"),
    Column("role", String(32), primary_key=True),
    Column("ledger", JSONB, nullable=False, doc="handoff.domain.assignment.ledger.Ledger"),
)

assignment = Table(
    "assignment",
    metadata,
    Column(
        "handoff_id",
        ID,
        ForeignKey(
            "handoff.handoff_id", name="fk_assignment_handoff_id_handoff", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("attempt", Integer, primary_key=True),
    Column("wanted_at", DateTime(timezone=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("demand", JSONB, nullable=False, doc="handoff.domain.assignment.eligibility.Demand"),
    Column("member_id", ID, doc="Null: nobody was eligible"),
    Column("basis", String(16)),
    Column("considered", JSONB, nullable=False, doc="handoff.domain.assignment.choice.Considered"),
    Column("released", Boolean, nullable=False, doc="Whether it was taken back"),
    Index("ix_assignment_at", "at"),
)
