"""Tables of consents, suppressions and pauses of sending."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    true,
)

from followup.tables.schema import ID, metadata

consent = Table(
    "consent",
    metadata,
    Column("address", String(320), primary_key=True, doc="Comparable: case and width don't count"),
    Column("basis", String(32), primary_key=True),
    Column("obtained_on", Date, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("ended_on", Date),
)

suppression = Table(
    "suppression",
    metadata,
    Column("scope", String(16), primary_key=True),
    Column("value", String(320), primary_key=True),
    Column("cause", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("salt", LargeBinary, doc="Its own, of a digest from before there was one salt for all"),
)
Index(
    "ix_suppression_salted", suppression.c.scope, postgresql_where=suppression.c.salt.is_not(None)
)

suppression_salt = Table(
    "suppression_salt",
    metadata,
    Column("is_the_one", Boolean, primary_key=True, server_default=true(), doc="Always true"),
    Column("salt", LargeBinary, nullable=False, doc="Of the digests of erased persons' addresses"),
    CheckConstraint("is_the_one", name="one"),
)

sending_pause = Table(
    "sending_pause",
    metadata,
    Column("pause_id", ID, primary_key=True),
    Column("cause", String(16), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("ends", DateTime(timezone=True), doc="Null: until somebody ends it"),
    Column("organisation", ID, doc="Null: nothing is sent to anybody"),
)
