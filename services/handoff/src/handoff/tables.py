"""The tables of handoff, as SQLAlchemy Core. SQL that uses them is in ``repository`` modules."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kakehashi_common import audit
from kakehashi_common.consumer import inbox
from kakehashi_common.db import new_metadata
from kakehashi_common.outbox import store as outbox

metadata = new_metadata()

_ID = String(64, collation="C")
"""Ids are ASCII and only compared for order."""
_LEAD_ID = String(128, collation="C")
_SLUGS = ARRAY(String(64))

audit_table = audit.table(metadata)
inbox_table = inbox.table(metadata)
outbox_table = outbox.table(metadata)

team = Table(
    "team",
    metadata,
    Column("team_id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hours", JSONB, nullable=False, doc="Spans such as 09:00-12:00 by weekday"),
    Column("lead", _ID, doc="Where a handoff is escalated to first"),
    Column("manager", _ID),
)

member = Table(
    "member",
    metadata,
    Column("member_id", _ID, primary_key=True),
    Column(
        "team_id",
        _ID,
        ForeignKey("team.team_id", name="fk_member_team_id_team"),
        nullable=False,
        index=True,
    ),
    Column("name", Text, nullable=False),
    Column("roles", _SLUGS, nullable=False),
    Column("functions", _SLUGS, nullable=False),
    Column("skills", _SLUGS, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("share", Integer, nullable=False),
    Column("hours", JSONB(none_as_null=True), doc="Null: the team's"),
    Column("active", Boolean, nullable=False),
    CheckConstraint("capacity >= 0", name="capacity"),
    CheckConstraint("share > 0", name="share"),
)

absence = Table(
    "absence",
    metadata,
    Column(
        "member_id",
        _ID,
        ForeignKey("member.member_id", name="fk_absence_member_id_member", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("absence_id", _ID, primary_key=True),
    Column("starts", DateTime(timezone=True), nullable=False),
    Column("ends", DateTime(timezone=True), nullable=False),
    CheckConstraint("ends > starts", name="in_order"),
)

territory = Table(
    "territory",
    metadata,
    Column("territory_id", _ID, primary_key=True),
    Column(
        "team_id",
        _ID,
        ForeignKey("team.team_id", name="fk_territory_team_id_team"),
        nullable=False,
        index=True,
    ),
    Column("municipality_codes", _SLUGS, nullable=False),
    Column("prefectures", _SLUGS, nullable=False),
    Column("municipality_types", _SLUGS, nullable=False),
    Column("size_bands", _SLUGS, nullable=False),
    Column("policy_areas", _SLUGS, nullable=False),
)

handoff = Table(
    "handoff",
    metadata,
    Column("handoff_id", _ID, primary_key=True),
    Column("lead_id", _LEAD_ID, nullable=False, index=True),
    Column("from_role", String(32), nullable=False),
    Column("to_role", String(32), nullable=False),
    Column("version", Integer, nullable=False, doc="Of the state; a lower one is never written"),
    Column("status", String(16), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("municipality_code", String(6), index=True),
    Column("policy_area", String(64)),
    Column("grade", String(64)),
    Column("complexity", Integer, nullable=False),
    Column("sender", _ID),
    Column("owner", _ID, doc="Of an ended handoff: the last one"),
    Column("carried_by", _ID, doc="Whose capacity it takes up; set when it is assigned"),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("outcome", String(16)),
    Column("deal_id", _ID),
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
        _ID,
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
    Column("owner", _ID, doc="After it"),
    Column("fact", JSONB, nullable=False, doc="One of handoff.domain.handoff.facts"),
    Index("ix_handoff_fact_kind", "kind", "at"),
)

policy = Table(
    "policy",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
