"""Tables of leads and their municipalities."""

from sqlalchemy import UUID, Column, DateTime, Float, ForeignKey, String, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

from handoff.tables.schema import metadata
from kakehashi_common.lead_merges import repository as lead_merges
from kakehashi_common.lead_profiles import repository as lead_profiles
from kakehashi_common.lead_profiles.repository import LEAD_ID

lead = Table(
    "lead",
    metadata,
    Column("lead_id", LEAD_ID, primary_key=True),
    Column("first_seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("last_activity_at", DateTime(timezone=True)),
    Column("last_contact_at", DateTime(timezone=True)),
    Column("scored_at", DateTime(timezone=True), doc="Null: lead-scoring has no score of it"),
    Column("grade", String(2)),
    Column("fit", Float),
    Column("engagement", Float),
    Column("reasons", JSONB(none_as_null=True), doc="The strongest lines of the explanation"),
    Column("score_source", Text),
    Column("municipality_code", String(6), doc="As the score names it"),
)

lead_field = lead_profiles.field_table(metadata)

lead_activity = Table(
    "lead_activity",
    metadata,
    Column(
        "lead_id",
        LEAD_ID,
        ForeignKey("lead.lead_id", name="fk_lead_activity_lead_id_lead", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("event_key", UUID, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("category", String(64)),
    Column("source", Text, nullable=False),
)

lead_followup = Table(
    "lead_followup",
    metadata,
    Column(
        "lead_id",
        LEAD_ID,
        ForeignKey("lead.lead_id", name="fk_lead_followup_lead_id_lead", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("kind", String(64), primary_key=True),
    Column("reference", String(320, collation="C"), primary_key=True, doc="Of a mail"),
    Column("playbook_id", String(64), nullable=False),
    Column("step_id", String(64)),
    Column("source", Text, nullable=False),
)

erased_lead = lead_profiles.erased_table(metadata)
merged_lead = lead_merges.table(metadata)
