"""The catalogue of content, and what was chosen of it for steps."""

from sqlalchemy import Boolean, Column, Date, DateTime, ForeignKey, String, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from followup.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

content = Table(
    "content",
    metadata,
    Column("content_id", ID, primary_key=True),
    Column("kind", String(32), nullable=False, doc="followup.domain.contents.content.ContentKind"),
    Column("title", Text, nullable=False),
    Column("url", Text),
    Column("passage", Text, doc="Of what can be quoted; null: it is only linked to"),
    Column("source", Text, nullable=False, doc="Who published it, for people"),
    Column("topics", ARRAY(Text), nullable=False),
    Column("roles", ARRAY(Text), nullable=False, doc="Empty, as of those below: for any"),
    Column("size_bands", ARRAY(Text), nullable=False),
    Column("stages", ARRAY(Text), nullable=False, doc="Budget phases"),
    Column("policy_areas", ARRAY(Text), nullable=False),
    Column("municipality_code", String(6), doc="Whose people alone may get it; null: anybody"),
    Column("valid_until", Date, doc="The last day in Japan on which it may be sent"),
    Column("active", Boolean, nullable=False),
    Column("entered_by", String(255), nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
)

step_content = Table(
    "step_content",
    metadata,
    Column("visit", String(160, collation="C"), primary_key=True, doc="As approvals are called"),
    Column(
        "sequence_id",
        ID,
        ForeignKey(
            "sequence.sequence_id", name="fk_step_content_sequence_id_sequence", ondelete="CASCADE"
        ),
        nullable=False,
        index=True,
    ),
    Column("step_id", ID, nullable=False),
    Column("lead_id", LEAD_ID, nullable=False, index=True, doc="Of the recipient"),
    Column("chosen_at", DateTime(timezone=True), nullable=False),
    Column(
        "chosen",
        JSONB,
        nullable=False,
        doc="followup.domain.contents.choice.ChosenContent, as it was then; empty: none suited",
    ),
)
