"""Tables of sellers' activities."""

from sqlalchemy import UUID, Boolean, Column, DateTime, Index, Integer, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from handoff.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

seller_activity = Table(
    "seller_activity",
    metadata,
    Column("activity_id", ID, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("member_id", ID, nullable=False),
    Column("role", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reached", Boolean),
    Column("outcome", String(64)),
    Column("minutes", Integer),
    Column("lead_id", LEAD_ID),
    Column("deal_id", ID),
    Column("municipality_code", String(6)),
    Column("event_key", UUID, nullable=False, doc="Of the event that says so"),
    Column("event_keys", ARRAY(UUID), nullable=False, doc="Of all that said something of it"),
    Column("examined", Boolean, nullable=False, doc="Whether handoffs have been notified"),
    Column("handoff_id", ID),
    Column("recognised_as", String(32), doc="The kind of fact"),
    Column("refusal_code", String(64), doc="Why the handoff did not take it"),
    Column("refusal", Text),
    Index("ix_seller_activity_member_id", "member_id", "at"),
    Index("ix_seller_activity_lead_id", "lead_id", "at"),
    Index("ix_seller_activity_deal_id", "deal_id", "at"),
)
