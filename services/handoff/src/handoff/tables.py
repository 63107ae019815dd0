"""The tables of handoff, as SQLAlchemy Core. SQL that uses them is in ``repository`` modules."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kakehashi_common import audit
from kakehashi_common.db import new_metadata

metadata = new_metadata()

_ID = String(64, collation="C")
"""Ids are ASCII and only compared for order."""
_SLUGS = ARRAY(String(64))

audit_table = audit.table(metadata)

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
