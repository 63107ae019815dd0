"""Reasons to contact somebody, and the behaviours that are watched for."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from followup.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

reason = Table(
    "reason",
    metadata,
    Column("reason_id", Uuid, primary_key=True, doc="Digest of its event's source and id"),
    Column("municipality_code", String(6), index=True),
    Column("lead_id", LEAD_ID, index=True),
    Column("good_from", Date, nullable=False),
    Column("good_until", Date, nullable=False),
    Column("importance", SmallInteger, nullable=False),
    Column("set_aside", String(32), doc="Why it is not acted on; null: it is"),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("reason", JSONB, nullable=False, doc="followup.domain.triggers.reasons.Reason"),
    Column("handled_at", DateTime(timezone=True), doc="When what follows from it was done"),
    Column("look_at", DateTime(timezone=True), doc="Not before; null: at once"),
    Column("handling", String(32), doc="What became of it then"),
    Index("ix_reason_good_until", "good_until"),
)
Index(
    "ix_reason_pending",
    reason.c.good_from,
    postgresql_where=text("set_aside is null and handled_at is null"),
)

reason_day = Table(
    "reason_day",
    metadata,
    Column("place", LEAD_ID, primary_key=True, doc="A municipality, or a lead without one"),
    Column("day", Date, primary_key=True, doc="In Japan"),
    Column("taken", Integer, nullable=False, server_default="0"),
    Column("too_many", Integer, nullable=False, server_default="0", doc="Those are only counted"),
)

known_day = Table(
    "known_day",
    metadata,
    Column("day_id", String(160, collation="C"), primary_key=True),
    Column("kind", String(32), nullable=False, doc="Of the reason that it will be"),
    Column("day", Date, nullable=False, doc="Of the first meeting, the last of the contract"),
    Column("said_at", DateTime(timezone=True), nullable=False),
    Column("lead_id", LEAD_ID, index=True),
    Column("municipality_code", String(6)),
    Column("owner", ID),
    Column(
        "lead_ids",
        ARRAY(Text),
        nullable=False,
        server_default=text("'{}'"),
        doc="Who took part in the deal behind a contract",
    ),
    Column("raise_on", Date, index=True, doc="When its reason is next raised; null: never"),
)

pursuit_contact = Table(
    "pursuit_contact",
    metadata,
    Column("pursuit_id", ID, primary_key=True),
    Column("lead_ids", ARRAY(Text), nullable=False, doc="Who takes part in its deal"),
    Column("owner", ID, doc="The seller"),
    Column("said_at", DateTime(timezone=True), nullable=False, doc="The latest wins"),
)

watched_person = Table(
    "watched_person",
    metadata,
    Column("lead_id", LEAD_ID, primary_key=True),
    Column(
        "state",
        JSONB,
        nullable=False,
        server_default=text("'{}'"),
        doc="followup.domain.triggers.observations.Person",
    ),
    Column("seen", ARRAY(Text), nullable=False, server_default=text("'{}'"), doc="Behaviours"),
    Column("look_at", DateTime(timezone=True), doc="When time alone may change what is seen"),
)
Index("ix_watched_person_look_at", watched_person.c.look_at)

watched_organisation = Table(
    "watched_organisation",
    metadata,
    Column("municipality_code", String(6), primary_key=True),
    Column(
        "state",
        JSONB,
        nullable=False,
        server_default=text("'{}'"),
        doc="followup.domain.triggers.observations.Organisation",
    ),
    Column("seen", ARRAY(Text), nullable=False, server_default=text("'{}'"), doc="Behaviours"),
)

seen_behaviour = Table(
    "seen_behaviour",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", String(64), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    Column("lead_id", LEAD_ID, index=True, doc="Null: of the municipality as a whole"),
    Column("municipality_code", String(6), index=True),
    Column("lead_ids", ARRAY(Text), nullable=False, doc="Whose activity together makes it up"),
    Column("importance", SmallInteger, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("text_ja", Text, nullable=False, doc="Why; holds no personal data"),
    Column("text_en", Text, nullable=False),
    Column("handled_at", DateTime(timezone=True), doc="When what follows from it was done"),
    Column("look_at", DateTime(timezone=True), doc="Not before; null: at once"),
    Column("handling", String(32), doc="What became of it then"),
)
Index(
    "ix_seen_behaviour_pending",
    seen_behaviour.c.urgent,
    seen_behaviour.c.importance.desc(),
    seen_behaviour.c.id,
    postgresql_where=seen_behaviour.c.handled_at.is_(None),
)
