"""Mails and webhooks that go out, and why they did or did not."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from followup.tables.schema import ID, metadata
from kakehashi_common.lead_profiles.repository import LEAD_ID

mail_attempt = Table(
    "mail_attempt",
    metadata,
    Column("message_id", String(320, collation="C"), primary_key=True),
    Column("sequence_id", ID, nullable=False, index=True),
    Column("step_id", ID, nullable=False),
    Column("lead_id", LEAD_ID, doc="Of the recipient"),
    Column("organisation", ID, doc="Of the recipient"),
    Column("seller_id", ID, doc="In whose name it goes"),
    Column("role", ID, doc="Of the recipient, when it was sent"),
    Column("occasion", Text, doc="The slug of what began the sequence"),
    Column("state", String(16), nullable=False, doc="followup.domain.delivery.attempts"),
    Column("number", SmallInteger, nullable=False, server_default=text("0")),
    Column("turn_at", DateTime(timezone=True), doc="When its turn at the domain comes"),
    Column("claimed_at", DateTime(timezone=True), doc="When it was about to be handed over"),
    Column("settled_at", DateTime(timezone=True)),
    Column("code", SmallInteger),
    Column("status", String(16)),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("concerns_recipient", Boolean, nullable=False, server_default=text("false")),
    Column("answered_at", DateTime(timezone=True), doc="When a person first answered it"),
)
Index(
    "ix_mail_attempt_unknown",
    mail_attempt.c.claimed_at,
    postgresql_where=text("state in ('sending', 'unknown')"),
)
_COUNTED = text("state in ('sending', 'unknown', 'accepted')")
"""Mails that went or may have gone: caps count them."""
Index(
    "ix_mail_attempt_lead_id_claimed_at",
    mail_attempt.c.lead_id,
    mail_attempt.c.claimed_at,
    postgresql_where=_COUNTED,
)
Index(
    "ix_mail_attempt_organisation_claimed_at",
    mail_attempt.c.organisation,
    mail_attempt.c.claimed_at,
    postgresql_where=_COUNTED,
)
Index(
    "ix_mail_attempt_seller_id_claimed_at",
    mail_attempt.c.seller_id,
    mail_attempt.c.claimed_at,
    postgresql_where=_COUNTED,
)
Index("ix_mail_attempt_claimed_at", mail_attempt.c.claimed_at, postgresql_where=_COUNTED)

webhook_call = Table(
    "webhook_call",
    metadata,
    Column(
        "call_id", String(160, collation="C"), primary_key=True, doc="The receiver's webhook-id"
    ),
    Column("sequence_id", ID, nullable=False, index=True),
    Column("step_id", ID, nullable=False),
    Column("hook", ID, nullable=False),
    Column("state", String(16), nullable=False, doc="followup.domain.webhook_calls"),
    Column("attempts", SmallInteger, nullable=False),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, nullable=False, doc="Why it was not taken"),
)

mail_domain = Table(
    "mail_domain",
    metadata,
    Column("domain", String(255, collation="C"), primary_key=True),
    Column("next_turn_at", DateTime(timezone=True), nullable=False),
)

send_decision = Table(
    "send_decision",
    metadata,
    Column(
        "sequence_id",
        ID,
        ForeignKey(
            "sequence.sequence_id", name="fk_send_decision_sequence_id_sequence", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("attempt", Integer, primary_key=True, doc="Of the sequence's work"),
    Column("stage", String(16), primary_key=True, doc="followup.send_decisions.repository.Stage"),
    Column("step_id", ID, nullable=False),
    Column("lead_id", LEAD_ID, nullable=False, doc="Of the recipient"),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("reason", String(32), doc="Why it was refused; null: it was allowed"),
    Column("goes_at", DateTime(timezone=True), doc="When it goes or is tried; null: never"),
    Column("text_ja", Text, nullable=False, doc="Holds no personal data"),
    Column("text_en", Text, nullable=False),
    Index("ix_send_decision_lead_id", "lead_id", "decided_at"),
)
