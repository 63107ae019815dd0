"""The tables of lead-scoring, as SQLAlchemy Core. All SQL that uses them is in ``repository``."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kakehashi_common import audit
from kakehashi_common.budget_timing import repository as budget_timing
from kakehashi_common.consumer import inbox
from kakehashi_common.db import new_metadata
from kakehashi_common.http import idempotency
from kakehashi_common.lead_merges import repository as lead_merges
from kakehashi_common.outbox import store as outbox

metadata = new_metadata()

_LEAD_ID = String(128, collation="C")
"""Ids are ASCII and only compared for order, so bytes will do: twice as fast as a locale."""
_ID = String(64, collation="C")

inbox_table = inbox.table(metadata)
outbox_table = outbox.table(metadata)
audit_table = audit.table(metadata)
idempotency_table = idempotency.table(metadata)

lead = Table(
    "lead",
    metadata,
    Column("lead_id", _LEAD_ID, primary_key=True),
    Column("version", Integer, nullable=False, doc="Counts writes; a writer that is behind loses"),
    Column("activity", LargeBinary, nullable=False, doc="Counts per signal and Japan day"),
    Column("last_activity_at", DateTime(timezone=True)),
    Column("last_event_at", DateTime(timezone=True), nullable=False),
    Column("fit", SmallInteger, nullable=False, doc="Tenths of a point, 0–1000"),
    Column("engagement", SmallInteger, nullable=False, doc="Tenths of a point, 0–1000"),
    Column("grade", String(2), nullable=False),
    Column("scored_at", DateTime(timezone=True), nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("next_grade_change_at", DateTime(timezone=True)),
    Column("published_fit", SmallInteger),
    Column("published_engagement", SmallInteger),
    Column("published_grade", String(2)),
    Column("qualified", Boolean, nullable=False, doc="Whether it is inside a qualifying grade"),
    Column("qualifications", Integer, nullable=False, doc="How often it has qualified"),
    Column("qualified_at", DateTime(timezone=True)),
    Column("left_at", DateTime(timezone=True), doc="When it last left the qualifying grades"),
    Column("municipality_code", String(6)),
    Column("outcome", String(16)),
    Column("outcome_at", DateTime(timezone=True)),
    Column("outcome_amount_yen", BigInteger),
    Column("outcome_event_key", Uuid),
    # Updates that leave indexed columns alone stay within the page (heap-only tuples).
    postgresql_with={"fillfactor": 70},
)
Index(
    "ix_lead_ranking",
    lead.c.grade,
    text("(fit + engagement) desc"),
    lead.c.lead_id,
    # The other orders read the whole of the index, and not the table.
    postgresql_include=["fit", "engagement"],
)
Index("ix_lead_municipality", lead.c.municipality_code, lead.c.lead_id)
Index(
    "ix_lead_due",
    lead.c.next_grade_change_at,
    postgresql_where=text("next_grade_change_at is not null"),
)

lead_profile = Table(
    "lead_profile",
    metadata,
    Column("lead_id", _LEAD_ID, primary_key=True),
    # Personal data, in named columns that can be found, exported and erased.
    Column("person_name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("department", Text),
    Column("role", Text),
    Column("municipality_code", String(6)),
    Column("organisation_size", Integer),
    Column("attributes", JSONB, nullable=False, server_default=text("'{}'")),
    Column(
        "stamps",
        JSONB,
        nullable=False,
        doc="[[µs since 1970, event key, [fields]], …]: which event each field's value is from",
    ),
)

# What a person is looked up by. One who asks to be forgotten is found without a scan.
COMPARABLE: Final = {
    "email": "lower(btrim(normalize(email, NFKC)))",
    "phone": "regexp_replace(regexp_replace(regexp_replace(normalize(phone, NFKC), "
    r"'(内線|ext).*$', '', 'i'), '^\s*\+81[\s-]*\(?0?\)?', '0'), '[^0-9]', '', 'g')",
    "person_name": r"regexp_replace(normalize(person_name, NFKC), '\s', '', 'g')",
}
"""SQL that makes of a column what :mod:`kakehashi_common.domain.person` makes of an identifier."""
for _column, _comparable in COMPARABLE.items():
    Index(
        f"ix_lead_profile_{_column}",
        text(_comparable),
        postgresql_where=text(f"{_column} is not null"),
        _table=lead_profile,
    )

suppression = Table(
    "suppression",
    metadata,
    Column("digest", LargeBinary, primary_key=True, doc="Keyed: of an address or a lead's id"),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

merged_lead = lead_merges.table(metadata)

municipality_phase = budget_timing.phase_table(metadata)
municipality_milestone = budget_timing.milestone_table(metadata)

event_log = Table(
    "event_log",
    metadata,
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("event_key", Uuid, nullable=False),
    Column("lead_id", _LEAD_ID, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("data", LargeBinary, nullable=False, doc="The event's data as it came, JSON"),
    postgresql_partition_by="RANGE (received_at)",
)
Index("ix_event_log_lead_id", event_log.c.lead_id)

score_history = Table(
    "score_history",
    metadata,
    Column("lead_id", _LEAD_ID, primary_key=True),
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("scored_at", DateTime(timezone=True), nullable=False),
    Column("fit", SmallInteger, nullable=False),
    Column("engagement", SmallInteger, nullable=False),
    Column("grade", String(2), nullable=False),
    Column("previous_grade", String(2)),
    Column("rule_version", Integer, nullable=False),
    Column("cause", String(8), nullable=False),
)

# Rows arrive about in the order of their age: a block range index finds the old ones for little.
Index("ix_score_history_scored_at", score_history.c.scored_at, postgresql_using="brin")

qualification = Table(
    "qualification",
    metadata,
    Column("lead_id", _LEAD_ID, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False, doc="1 for the first time"),
    Column("qualification_id", _ID, nullable=False, doc="As handoffs name it: its event's key"),
    Column("qualified_at", DateTime(timezone=True), nullable=False, index=True),
    Column("grade", String(2), nullable=False),
    Column("fit", SmallInteger, nullable=False),
    Column("engagement", SmallInteger, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("rules", ARRAY(Text), nullable=False, doc="`<dimension>.<id>` of those with points"),
    Column("points", ARRAY(SmallInteger), nullable=False, doc="Of each of `rules`, before caps"),
)

handoff_label = Table(
    "handoff_label",
    metadata,
    Column("handoff_id", _ID, primary_key=True),
    Column("lead_id", _LEAD_ID, nullable=False, index=True),
    Column("from_role", String(64), nullable=False),
    Column("to_role", String(64), nullable=False),
    Column("last_step_at", DateTime(timezone=True), nullable=False),
    Column("qualification_id", _ID, doc="What began it"),
    Column("requested_at", DateTime(timezone=True)),
    Column("accepted_at", DateTime(timezone=True)),
    Column("rejected_at", DateTime(timezone=True), doc="First, for what the lead is"),
    Column("reason", String(64)),
    Column("consequence", String(64)),
    Column("returned_at", DateTime(timezone=True)),
    Column("recycled_at", DateTime(timezone=True)),
    Column("contacted_at", DateTime(timezone=True)),
    Column("met_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_as", String(64)),
    Column("outcome", String(16), doc="As the handoff said; its deal may say otherwise later"),
    Column("deal_id", _ID),
)

deal = Table(
    "deal",
    metadata,
    Column("deal_id", _ID, primary_key=True),
    Column("said_at", DateTime(timezone=True), nullable=False, doc="The latest wins"),
    Column("event_key", Uuid, nullable=False, doc="Of two at the same time, the greater wins"),
    Column("outcome", String(16), doc="Null: it is open"),
    Column("outcome_reason", String(64)),
    Column("amount_yen", BigInteger),
)

rule_set = Table(
    "rule_set",
    metadata,
    Column("version", Integer, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("document", Text, nullable=False, doc="The YAML as published"),
    Column("checksum", Text, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("rescored_at", DateTime(timezone=True), doc="When every lead had been scored by it"),
    Column("rescored_up_to", _LEAD_ID, doc="The last lead that the re-score has reached"),
    Column("rescored_leads", Integer),
    Column("changed_grades", Integer),
)
