"""Deals, as the newest statement of each describes them."""

from sqlalchemy import UUID, BigInteger, Column, Date, DateTime, Index, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from handoff.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

deal = Table(
    "deal",
    metadata,
    Column("deal_id", ID, primary_key=True),
    Column("said_at", DateTime(timezone=True), nullable=False, doc="Of the newest statement"),
    Column("event_key", UUID, nullable=False, doc="Of two at once the greater one counts"),
    Column("decided_at", DateTime(timezone=True), doc="Since when it has its outcome"),
    Column("stage", String(32), nullable=False),
    Column("municipality_code", String(6), index=True),
    Column("lead_ids", ARRAY(LEAD_ID), nullable=False),
    Column("product", String(64)),
    Column("amount_yen", BigInteger),
    Column("owner", ID, index=True),
    Column("competitors", ARRAY(Text), nullable=False),
    Column("budget_ceiling_yen", BigInteger),
    Column("expected_close_on", Date),
    Column("pursuit_id", ID),
    Column("outcome", String(16)),
    Column("outcome_reason", String(64)),
    Column("contract_ends_on", Date, doc="The last day of the contract that was won"),
    Column("superseded_by", ID, doc="The deal that took its place"),
    Index("ix_deal_lead_ids", "lead_ids", postgresql_using="gin"),
)
