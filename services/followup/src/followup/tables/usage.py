"""Tables of customers' usage of what they bought."""

from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, String, Table, Text

from followup.tables.schema import metadata

usage = Table(
    "usage",
    metadata,
    Column("municipality_code", String(6), primary_key=True),
    Column("contract_id", String(64, collation="C"), primary_key=True, doc="Empty: of none"),
    Column("metric", String(64, collation="C"), primary_key=True),
    Column("ends", Date, primary_key=True, doc="The period's last day"),
    Column("begins", Date, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("licensed_users", Integer),
    Column("active_users", Integer),
    Column("source", Text),
    Column("owner", String(64), doc="A seller"),
    Column("said_at", DateTime(timezone=True), nullable=False),
)

usage_series = Table(
    "usage_series",
    metadata,
    Column("municipality_code", String(6), primary_key=True),
    Column("contract_id", String(64, collation="C"), primary_key=True, doc="Empty: of none"),
    Column("metric", String(64, collation="C"), primary_key=True),
    Column("fell_on", Date, doc="Of the period of which it was said last that use falls"),
)
