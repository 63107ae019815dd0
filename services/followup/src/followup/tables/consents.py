"""Who may be written to, who must not be, and when sending is paused."""

from sqlalchemy import Column, Date, DateTime, Index, LargeBinary, String, Table, Text

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
    Column("salt", LargeBinary, doc="Of an erased person's address, whose digest is the value"),
)
Index(
    "ix_suppression_salted", suppression.c.scope, postgresql_where=suppression.c.salt.is_not(None)
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
