"""The tables of handoff, as SQLAlchemy Core. SQL that uses them is in ``repository`` modules."""

from sqlalchemy import (
    UUID,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kakehashi_common import audit
from kakehashi_common.budget_timing import repository as budget_timing
from kakehashi_common.db import new_metadata
from kakehashi_common.http import idempotency
from kakehashi_common.lead_profiles import repository as lead_profiles
from kakehashi_common.outbox import store as outbox

metadata = new_metadata()

_ID = String(64, collation="C")
"""Ids are ASCII and only compared for order."""
_LEAD_ID = String(128, collation="C")
_SLUGS = ARRAY(String(64))

audit_table = audit.table(metadata)
outbox_table = outbox.table(metadata)
idempotency_table = idempotency.table(metadata)

team = Table(
    "team",
    metadata,
    Column("team_id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("hours", JSONB, nullable=False, doc="Spans such as 09:00-12:00 by weekday"),
    Column("lead", _ID, doc="Where a handoff is escalated to first"),
    Column("manager", _ID),
)

member = Table(
    "member",
    metadata,
    Column("member_id", _ID, primary_key=True),
    Column(
        "team_id",
        _ID,
        ForeignKey("team.team_id", name="fk_member_team_id_team"),
        nullable=False,
        index=True,
    ),
    Column("name", Text, nullable=False),
    Column("roles", _SLUGS, nullable=False),
    Column("functions", _SLUGS, nullable=False),
    Column("skills", _SLUGS, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("share", Integer, nullable=False),
    Column("hours", JSONB(none_as_null=True), doc="Null: the team's"),
    Column("active", Boolean, nullable=False),
    Column("email", String(254)),
    CheckConstraint("capacity >= 0", name="capacity"),
    CheckConstraint("share > 0", name="share"),
)

absence = Table(
    "absence",
    metadata,
    Column(
        "member_id",
        _ID,
        ForeignKey("member.member_id", name="fk_absence_member_id_member", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("absence_id", _ID, primary_key=True),
    Column("starts", DateTime(timezone=True), nullable=False),
    Column("ends", DateTime(timezone=True), nullable=False),
    CheckConstraint("ends > starts", name="in_order"),
)

territory = Table(
    "territory",
    metadata,
    Column("territory_id", _ID, primary_key=True),
    Column(
        "team_id",
        _ID,
        ForeignKey("team.team_id", name="fk_territory_team_id_team"),
        nullable=False,
        index=True,
    ),
    Column("municipality_codes", _SLUGS, nullable=False),
    Column("prefectures", _SLUGS, nullable=False),
    Column("municipality_types", _SLUGS, nullable=False),
    Column("size_bands", _SLUGS, nullable=False),
    Column("policy_areas", _SLUGS, nullable=False),
)

phase_table = budget_timing.phase_table(metadata)
milestone_table = budget_timing.milestone_table(metadata)

lead = Table(
    "lead",
    metadata,
    Column("lead_id", _LEAD_ID, primary_key=True),
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
        _LEAD_ID,
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
        _LEAD_ID,
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

pursuit = Table(
    "pursuit",
    metadata,
    Column("pursuit_id", _ID, primary_key=True),
    Column("municipality_code", String(6), nullable=False, index=True),
    Column("policy_area", String(64), nullable=False),
    Column("budgeted", Boolean, nullable=False),
    Column("decided_on", Date, nullable=False),
    Column("said_at", DateTime(timezone=True), nullable=False, doc="The latest wins"),
    Column("fiscal_year", SmallInteger),
    Column("amount_yen", BigInteger),
    Column("proposed_next", String(64)),
)

handoff = Table(
    "handoff",
    metadata,
    Column("handoff_id", _ID, primary_key=True),
    Column("lead_id", _LEAD_ID, nullable=False, index=True),
    Column("from_role", String(32), nullable=False),
    Column("to_role", String(32), nullable=False),
    Column("version", Integer, nullable=False, doc="Of the state; a lower one is never written"),
    Column("status", String(16), nullable=False),
    Column("is_open", Boolean, nullable=False),
    Column("municipality_code", String(6), index=True),
    Column("policy_area", String(64)),
    Column("grade", String(64)),
    Column("complexity", Integer, nullable=False),
    Column("sender", _ID),
    Column("owner", _ID, doc="Of an ended handoff: the last one"),
    Column("carried_by", _ID, doc="Whose capacity it takes up; set when it is assigned"),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("outcome", String(16)),
    Column("deal_id", _ID),
    Column("next_due_at", DateTime(timezone=True), doc="When its first running clock is due"),
    Column("state", JSONB, nullable=False, doc="handoff.domain.handoff.HandoffState"),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)
Index(
    "uq_handoff_open",
    handoff.c.lead_id,
    handoff.c.from_role,
    handoff.c.to_role,
    unique=True,
    postgresql_where=handoff.c.is_open,
)
Index(
    "ix_handoff_carried_by",
    handoff.c.carried_by,
    postgresql_where=handoff.c.carried_by.is_not(None),
)

handoff_fact = Table(
    "handoff_fact",
    metadata,
    Column(
        "handoff_id",
        _ID,
        ForeignKey(
            "handoff.handoff_id", name="fk_handoff_fact_handoff_id_handoff", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("version", Integer, primary_key=True, doc="Of the state that it led to"),
    Column("position", SmallInteger, primary_key=True, doc="Among the effects of its decision"),
    Column("kind", String(32), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, doc="When it happened"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("round", Integer, nullable=False),
    Column("owner", _ID, doc="After it"),
    Column("fact", JSONB, nullable=False, doc="One of handoff.domain.handoff.facts"),
    Index("ix_handoff_fact_kind", "kind", "at"),
)

rotation = Table(
    "rotation",
    metadata,
    Column("team_id", _ID, primary_key=True, doc="'-': of what lies in nobody's territory"),
    Column("role", String(32), primary_key=True),
    Column("ledger", JSONB, nullable=False, doc="handoff.domain.assignment.ledger.Ledger"),
)

assignment = Table(
    "assignment",
    metadata,
    Column(
        "handoff_id",
        _ID,
        ForeignKey(
            "handoff.handoff_id", name="fk_assignment_handoff_id_handoff", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("attempt", Integer, primary_key=True),
    Column("wanted_at", DateTime(timezone=True), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("demand", JSONB, nullable=False, doc="handoff.domain.assignment.eligibility.Demand"),
    Column("member_id", _ID, doc="Null: nobody was eligible"),
    Column("basis", String(16)),
    Column("considered", JSONB, nullable=False, doc="handoff.domain.assignment.choice.Considered"),
    Column("released", Boolean, nullable=False, doc="Whether it was taken back"),
    Index("ix_assignment_at", "at"),
)

packet = Table(
    "packet",
    metadata,
    Column(
        "handoff_id",
        _ID,
        ForeignKey("handoff.handoff_id", name="fk_packet_handoff_id_handoff", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("version", Integer, nullable=False, doc="Counts the changes"),
    Column("entries", JSONB, nullable=False, doc="What people entered; packet.Entry"),
)

packet_verdict = Table(
    "packet_verdict",
    metadata,
    Column(
        "handoff_id",
        _ID,
        ForeignKey(
            "handoff.handoff_id", name="fk_packet_verdict_handoff_id_handoff", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("field", String(32), primary_key=True),
    Column("digest", String(32), primary_key=True, doc="Of the text that was judged"),
    Column("verdict", String(16), nullable=False),
    Column("by", String(255), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("source", Text, nullable=False, doc="Of the text: a member, or an event's source"),
    Column("entered_by_person", Boolean, nullable=False),
)

deal = Table(
    "deal",
    metadata,
    Column("deal_id", _ID, primary_key=True),
    Column("said_at", DateTime(timezone=True), nullable=False, doc="Of the newest statement"),
    Column("event_key", UUID, nullable=False, doc="Of two at once the greater one counts"),
    Column("decided_at", DateTime(timezone=True), doc="Since when it has its outcome"),
    Column("stage", String(32), nullable=False),
    Column("municipality_code", String(6), index=True),
    Column("lead_ids", ARRAY(_LEAD_ID), nullable=False),
    Column("product", String(64)),
    Column("amount_yen", BigInteger),
    Column("owner", _ID, index=True),
    Column("competitors", ARRAY(Text), nullable=False),
    Column("budget_ceiling_yen", BigInteger),
    Column("expected_close_on", Date),
    Column("pursuit_id", _ID),
    Column("outcome", String(16)),
    Column("outcome_reason", String(64)),
    Column("contract_ends_on", Date, doc="The last day of the contract that was won"),
    Column("superseded_by", _ID, doc="The deal that took its place"),
    Index("ix_deal_lead_ids", "lead_ids", postgresql_using="gin"),
)

seller_activity = Table(
    "seller_activity",
    metadata,
    Column("activity_id", _ID, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("member_id", _ID, nullable=False),
    Column("role", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("reached", Boolean),
    Column("outcome", String(64)),
    Column("minutes", Integer),
    Column("lead_id", _LEAD_ID),
    Column("deal_id", _ID),
    Column("municipality_code", String(6)),
    Column("event_key", UUID, nullable=False, doc="Of the event that says so"),
    Column("event_keys", ARRAY(UUID), nullable=False, doc="Of all that said something of it"),
    Column("examined", Boolean, nullable=False, doc="Whether handoffs have been told"),
    Column("handoff_id", _ID),
    Column("recognised_as", String(32), doc="The kind of fact"),
    Column("refusal_code", String(64), doc="Why the handoff did not take it"),
    Column("refusal", Text),
    Index("ix_seller_activity_member_id", "member_id", "at"),
    Index("ix_seller_activity_lead_id", "lead_id", "at"),
    Index("ix_seller_activity_deal_id", "deal_id", "at"),
)

readiness_snapshot = Table(
    "readiness_snapshot",
    metadata,
    Column(
        "handoff_id",
        _ID,
        ForeignKey(
            "handoff.handoff_id",
            name="fk_readiness_snapshot_handoff_id_handoff",
            ondelete="CASCADE",
        ),
        primary_key=True,
    ),
    Column("version", Integer, primary_key=True, doc="Of the handoff's state"),
    Column("moment", String(16), nullable=False, doc="requested or accepted"),
    Column("at", DateTime(timezone=True), nullable=False, index=True),
    Column("criteria", JSONB, nullable=False, doc="Answer and evidence of each, as computed"),
    Column("required", ARRAY(String(32)), nullable=False, doc="Fields of the packet"),
    Column("missing", ARRAY(String(32)), nullable=False),
)

policy = Table(
    "policy",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False),
)

webhook = Table(
    "webhook",
    metadata,
    Column("webhook_id", _ID, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secrets", ARRAY(Text), nullable=False, doc="The newest first; each one signs"),
    Column("reasons", _SLUGS, nullable=False, doc="None: all"),
    Column("active", Boolean, nullable=False),
)

notification = Table(
    "notification",
    metadata,
    Column("notification_id", UUID, primary_key=True, doc="Follows from the effect's identity"),
    Column(
        "handoff_id",
        _ID,
        ForeignKey(
            "handoff.handoff_id", name="fk_notification_handoff_id_handoff", ondelete="CASCADE"
        ),
        nullable=False,
        index=True,
    ),
    Column("recipient", String(16), nullable=False),
    Column("about_member_id", _ID, doc="The member of handoff.domain.handoff.effects.Notify"),
    Column("of_role", String(32)),
    Column("member_id", _ID, doc="Who is notified; null: nobody was found"),
    Column("reason", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("act_by", DateTime(timezone=True)),
    Column("urgent", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_notification_created_at", "created_at", "notification_id"),
    Index("ix_notification_member_id", "member_id", "created_at"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("delivery_id", BigInteger, Identity(always=True), primary_key=True),
    Column(
        "notification_id",
        UUID,
        ForeignKey(
            "notification.notification_id",
            name="fk_delivery_notification_id_notification",
            ondelete="CASCADE",
        ),
        nullable=False,
    ),
    Column(
        "webhook_id",
        _ID,
        ForeignKey("webhook.webhook_id", name="fk_delivery_webhook_id_webhook", ondelete="CASCADE"),
        doc="Null: by mail",
    ),
    Column("state", String(16), nullable=False, doc="handoff.domain.notifications.deliveries"),
    Column("due_at", DateTime(timezone=True), nullable=False, doc="When it is looked at next"),
    Column("for_digest", Boolean, nullable=False),
    Column("digest_id", UUID, doc="Shared by those that go as one"),
    Column("released_at", DateTime(timezone=True), doc="Since when it may be sent"),
    Column("attempts", SmallInteger, nullable=False),
    Column("error", Text, doc="Of the last attempt"),
    Column("delivered_at", DateTime(timezone=True)),
    UniqueConstraint(
        "notification_id",
        "webhook_id",
        name="uq_delivery_notification_id_webhook_id",
        postgresql_nulls_not_distinct=True,
    ),
)
Index(
    "ix_delivery_state",
    delivery.c.state,
    delivery.c.webhook_id,
    delivery.c.due_at,
    postgresql_where=delivery.c.state != "delivered",
)
Index(
    "ix_delivery_released_at",
    delivery.c.released_at,
    postgresql_where=delivery.c.webhook_id.is_(None),
)
Index(
    "ix_delivery_digest_id",
    delivery.c.digest_id,
    postgresql_where=delivery.c.digest_id.is_not(None),
)
Index(
    "ix_delivery_webhook_id",
    delivery.c.webhook_id,
    postgresql_where=delivery.c.webhook_id.is_not(None),
)
