"""Calls that sellers made, as other systems report them."""

from sqlalchemy import Boolean, Column, DateTime, String, Table

from followup.tables.schema import metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

seller_call = Table(
    "seller_call",
    metadata,
    Column("activity_id", String(64, collation="C"), primary_key=True),
    Column("lead_id", LEAD_ID, nullable=False, index=True),
    Column("called_at", DateTime(timezone=True), nullable=False, index=True),
    Column("reached", Boolean, nullable=False, doc="Whether somebody was spoken with"),
)
