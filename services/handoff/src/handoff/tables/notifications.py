"""Notifications, the webhooks that receive them, and each delivery."""

from sqlalchemy import (
    UUID,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from handoff.tables.schema import ID, SLUGS, metadata

webhook = Table(
    "webhook",
    metadata,
    Column("webhook_id", ID, primary_key=True),
    Column("url", Text, nullable=False),
    Column("secrets", ARRAY(Text), nullable=False, doc="The newest first; each one signs"),
    Column("reasons", SLUGS, nullable=False, doc="None: all"),
    Column("active", Boolean, nullable=False),
)

notification = Table(
    "notification",
    metadata,
    Column("notification_id", UUID, primary_key=True, doc="Follows from the effect's identity"),
    Column(
        "handoff_id",
        ID,
        ForeignKey(
            "handoff.handoff_id", name="fk_notification_handoff_id_handoff", ondelete="CASCADE"
        ),
        nullable=False,
        index=True,
    ),
    Column("recipient", String(16), nullable=False),
    Column("about_member_id", ID, doc="The member of handoff.domain.handoff.effects.Notify"),
    Column("of_role", String(32)),
    Column("member_id", ID, doc="Who is notified; null: nobody was found"),
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
        ID,
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
