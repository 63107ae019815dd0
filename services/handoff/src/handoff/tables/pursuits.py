"""Pursuits, as budget-calendar last described them."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, SmallInteger, String, Table

from handoff.tables.schema import ID, metadata

pursuit = Table(
    "pursuit",
    metadata,
    Column("pursuit_id", ID, primary_key=True),
    Column("municipality_code", String(6), nullable=False, index=True),
    Column("policy_area", String(64), nullable=False),
    Column("budgeted", Boolean, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("said_at", DateTime(timezone=True), nullable=False, doc="The latest wins"),
    Column("fiscal_year", SmallInteger),
    Column("amount_yen", BigInteger),
    Column("proposed_next", String(64)),
)
