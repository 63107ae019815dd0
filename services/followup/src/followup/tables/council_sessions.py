"""Tables of councils' sessions."""

from sqlalchemy import Column, Date, DateTime, SmallInteger, String, Table

from followup.tables.schema import metadata

council_day = Table(
    "council_day",
    metadata,
    Column("municipality_code", String(6), primary_key=True),
    Column("fiscal_year", SmallInteger, primary_key=True, autoincrement=False),
    Column("session", SmallInteger, primary_key=True, autoincrement=False),
    Column("milestone", String(32, collation="C"), primary_key=True, doc="It opens, or votes"),
    Column("day", Date, doc="The likely one; null: it fell away"),
    Column("said_at", DateTime(timezone=True), nullable=False, doc="The latest wins"),
)
