"""Teams, their members and territories."""

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
from sqlalchemy.dialects.postgresql import JSONB

from handoff.tables.schema import ID, SLUGS, metadata

team = Table(
    "team",
    metadata,
    Column("team_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hours", JSONB, nullable=False, doc="Spans such as 09:00-12:00 by weekday"),
    Column("lead", ID, doc="Where a handoff is escalated to first"),
    Column("manager", ID),
)

member = Table(
    "member",
    metadata,
    Column("member_id", ID, primary_key=True),
    Column(
        "team_id",
        ID,
        ForeignKey("team.team_id", name="fk_member_team_id_team"),
        nullable=False,
        index=True,
    ),
    Column("name", Text, nullable=False),
    Column("roles", SLUGS, nullable=False),
    Column("functions", SLUGS, nullable=False),
    Column("skills", SLUGS, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("share", Integer, nullable=False),
    Column("hours", JSONB(none_as_null=True), doc="Null: the team's"),
    Column("active", Boolean, nullable=False),
    Column("email", String(254)),
    CheckConstraint("capacity >= 0", name="capacity"),
    CheckConstraint("share > 0", name="share"),
)

absence = Table(
    "absence",
    metadata,
    Column(
        "member_id",
        ID,
        ForeignKey("member.member_id", name="fk_absence_member_id_member", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("absence_id", ID, primary_key=True),
    Column("starts", DateTime(timezone=True), nullable=False),
    Column("ends", DateTime(timezone=True), nullable=False),
    CheckConstraint("ends > starts", name="in_order"),
)

territory = Table(
    "territory",
    metadata,
    Column("territory_id", ID, primary_key=True),
    Column(
        "team_id",
        ID,
        ForeignKey("team.team_id", name="fk_territory_team_id_team"),
        nullable=False,
        index=True,
    ),
    Column("municipality_codes", SLUGS, nullable=False),
    Column("prefectures", SLUGS, nullable=False),
    Column("municipality_types", SLUGS, nullable=False),
    Column("size_bands", SLUGS, nullable=False),
    Column("policy_areas", SLUGS, nullable=False),
)
