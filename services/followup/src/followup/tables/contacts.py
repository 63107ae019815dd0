"""Tables of contacts."""

from sqlalchemy import Column, DateTime, Index, Table, func, text

from followup.tables.schema import metadata
from kakehashi_common.lead_merges import repository as lead_merges
from kakehashi_common.lead_profiles import repository as lead_profiles
from kakehashi_common.lead_profiles.repository import LEAD_ID

lead = Table(
    "lead",
    metadata,
    Column("lead_id", LEAD_ID, primary_key=True),
    Column("known_since", DateTime(timezone=True), doc="When the first was said of the contact"),
    Column(
        "decide_at",
        DateTime(timezone=True),
        doc="When the reasons of today are decided on the contact again; null: no need",
    ),
)
Index("ix_lead_decide_at", lead.c.decide_at, postgresql_where=lead.c.decide_at.is_not(None))
lead_field = lead_profiles.field_table(metadata)
Index(
    "ix_lead_field_email",
    func.lower(lead_field.c.value),
    postgresql_where=text("name = 'email'"),
)
erased_lead = lead_profiles.erased_table(metadata)
merged_lead = lead_merges.table(metadata)
