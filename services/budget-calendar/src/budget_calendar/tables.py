"""The tables of budget-calendar, as SQLAlchemy Core. The SQL that uses them: ``repository``."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from kakehashi_common import audit
from kakehashi_common.db import new_metadata
from kakehashi_common.http import idempotency
from kakehashi_common.outbox import store as outbox

metadata = new_metadata()

_CODE = String(6, collation="C")

outbox_table = outbox.table(metadata)
audit_table = audit.table(metadata)
idempotency_table = idempotency.table(metadata)

municipality = Table(
    "municipality",
    metadata,
    Column("code", _CODE, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kana", Text, nullable=False),
    Column("prefecture", Text, nullable=False),
    Column("type", String(20), nullable=False),
    Column("japanese_residents", Integer, doc="NULL: not known"),
    Column("indices_fiscal_year", SmallInteger),
    Column("financial_strength", Double, doc="財政力指数"),
    Column("current_balance", Double, doc="経常収支比率, percent"),
    Column("real_debt_service", Double, doc="実質公債費比率, percent"),
    Column("future_burden", Double, doc="将来負担比率, percent"),
    Column("head_term_ends", Date, doc="任期満了日 of the head; NULL: nobody has entered it"),
    Column(
        "year_round_session",
        Boolean,
        nullable=False,
        server_default=text("false"),
        doc="通年会期 (地方自治法102条の2)",
    ),
)

council_session = Table(
    "council_session",
    metadata,
    Column("code", _CODE, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("opens_on", Date),
    Column("last_vote_on", Date, nullable=False),
    Column("bills", JSONB, nullable=False, doc="The budgets among the bills"),
    Column("source", Text, nullable=False),
)

correction = Table(
    "correction",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("code", _CODE, nullable=False),
    Column("fiscal_year", SmallInteger, nullable=False),
    Column("key", String(64, collation="C"), nullable=False),
    Column("earliest", Date, nullable=False),
    Column("likely", Date, nullable=False),
    Column("latest", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True), doc="It no longer counts; it stays to be seen"),
)
Index(
    "ix_correction_in_force",
    correction.c.code,
    correction.c.fiscal_year,
    correction.c.key,
    unique=True,
    postgresql_where=text("withdrawn_at is null"),
)

calendar = Table(
    "calendar",
    metadata,
    Column("code", _CODE, primary_key=True),
    Column("fiscal_year", SmallInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", JSONB, nullable=False),
    Column("cause", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("computed_by", Text, nullable=False),
    Column("computed_at", DateTime(timezone=True), nullable=False),
)

calendar_milestone = Table(
    "calendar_milestone",
    metadata,
    # The newest version of each calendar again, in rows that can be searched across municipalities.
    Column("code", _CODE, primary_key=True),
    Column("fiscal_year", SmallInteger, primary_key=True, autoincrement=False),
    Column("key", String(64, collation="C"), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("number", SmallInteger),
    Column("earliest", Date, nullable=False),
    Column("likely", Date, nullable=False),
    Column("latest", Date, nullable=False),
    Column("basis", String(10), nullable=False),
    Column("source", Text, nullable=False),
    Column("confidence", Double, nullable=False),
)
Index("ix_calendar_milestone_likely", calendar_milestone.c.likely, calendar_milestone.c.code)
Index("ix_calendar_milestone_code", calendar_milestone.c.code, calendar_milestone.c.likely)

calendar_phase = Table(
    "calendar_phase",
    metadata,
    Column("code", _CODE, primary_key=True),
    Column("fiscal_year", SmallInteger, primary_key=True, autoincrement=False),
    Column("phase", String(32), primary_key=True),
    Column("begins", Date, nullable=False),
    Column("ends", Date, nullable=False),
    Column("basis", String(10), nullable=False),
)

follow = Table(
    "follow",
    metadata,
    Column("code", _CODE, primary_key=True),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("followed_by", Text, nullable=False),
    Column("started", Boolean, nullable=False, doc="Whether its workflow has been started"),
    Column("revision", Integer, nullable=False, doc="Counts the revisions of its calendars"),
    Column("told", Integer, nullable=False, doc="The last revision its workflow was notified of"),
)
Index(
    "ix_follow_untold",
    follow.c.code,
    postgresql_where=text("not started or told < revision"),
)

announced = Table(
    "announced",
    metadata,
    # What a workflow has published, so that a repeated activity publishes nothing again.
    Column("event_id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
Index("ix_announced_at", announced.c.at)

feed = Table(
    "feed",
    metadata,
    # A URL that a calendar program subscribes to; whoever has it reads this feed and nothing else:
    # of one municipality (code), of an owner's pursuits (owner), or else of what is followed, in
    # one prefecture or everywhere.
    Column("id", Uuid, primary_key=True),
    Column("token_digest", LargeBinary, nullable=False, unique=True, doc="The token is not kept"),
    Column("code", _CODE),
    Column("prefecture", _CODE, doc="The code of its own government"),
    Column("owner", Text),
    Column("language", String(2), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)

subsidy = Table(
    "subsidy",
    metadata,
    Column("id", String(64, collation="C"), primary_key=True),
    Column("version", Integer, nullable=False, doc="Counts edits; the ETag"),
    Column("document", JSONB, nullable=False),
)

subsidy_edits = Table(
    "subsidy_edits",
    metadata,
    # One row: what was planned before the last edit is planned again.
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("edits", Integer, nullable=False, doc="Of all subsidies, removals too"),
)

local_rules = Table(
    "local_rules",
    metadata,
    Column("code", _CODE, primary_key=True),
    Column("version", Integer, nullable=False, doc="Counts edits; the ETag"),
    Column("document", JSONB, nullable=False, doc="What its contract rules and ordinances set"),
)

pursuit = Table(
    "pursuit",
    metadata,
    # What its workflow last recorded, for lists; the workflow itself is the truth.
    Column("id", String(64, collation="C"), primary_key=True),
    Column("code", _CODE, nullable=False),
    Column("owner", String(64), nullable=False, doc="Team or staff number, never a name"),
    Column("policy_area", String(64), nullable=False),
    Column("stage", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("next_action_on", Date),
    Column("state", JSONB, nullable=False),
    Column("revision", Integer, nullable=False, doc="The state's version; newest wins"),
    Column(
        "calendar_told",
        Integer,
        nullable=False,
        doc="The revision of what it planned by (calendars, rules, subsidies) or was notified of",
    ),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
Index("ix_pursuit_code", pursuit.c.code, pursuit.c.id)
Index("ix_pursuit_owner", pursuit.c.owner, pursuit.c.id)
