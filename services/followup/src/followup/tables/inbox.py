"""Mails that come in."""

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from followup.tables.schema import ID, metadata

incoming_mail = Table(
    "incoming_mail",
    metadata,
    Column(
        "digest", CHAR(64, collation="C"), primary_key=True, doc="SHA-256 of what its sender wrote"
    ),
    Column("message_id", Text),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("kind", String(32), nullable=False, doc="followup.domain.inbox.classified"),
    Column("evidence", JSONB, nullable=False),
    Column("refers_to", String(320, collation="C"), doc="Our Message-ID"),
    Column("sequence_id", ID, index=True),
    Column("step_id", ID),
    Column("about", String(320), index=True, doc="Whose address; personal data"),
    Column("returns_on", Date),
    Column("has_left", Boolean, nullable=False),
    Column("bounced", JSONB, nullable=False),
    Column("unsubscribe_token", Text),
    Column("subject", Text, nullable=False, doc="Personal data"),
    Column("text", Text, nullable=False, doc="Personal data"),
    Column("handled_at", DateTime(timezone=True), doc="When what follows from it was done"),
    Column("notified_at", DateTime(timezone=True), doc="When its seller was, of an answer"),
    Column("look_at", DateTime(timezone=True), doc="Not before; null: at once"),
)
Index(
    "ix_incoming_mail_pending",
    incoming_mail.c.received_at,
    incoming_mail.c.digest,
    postgresql_where=incoming_mail.c.handled_at.is_(None),
)

Index(
    "ix_incoming_mail_answers",
    incoming_mail.c.received_at,
    postgresql_where=text("kind in ('answer', 'negative', 'opt_out')"),
)

imap_checkpoint = Table(
    "imap_checkpoint",
    metadata,
    Column("mailbox", Text, primary_key=True, doc="User, server and folder"),
    Column("uid_validity", BigInteger, nullable=False),
    Column("last_uid", BigInteger, nullable=False, doc="Of the last mail that was handled"),
)
