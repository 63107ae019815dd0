"""Tables of calendar feeds and notices to sellers."""

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)

from followup.tables.schema import ID, metadata

calendar_token = Table(
    "calendar_token",
    metadata,
    Column(
        "seller_id",
        ID,
        ForeignKey(
            "seller.seller_id", name="fk_calendar_token_seller_id_seller", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("token_digest", LargeBinary, nullable=False, unique=True, doc="The token is not kept"),
    Column("opened_at", DateTime(timezone=True), nullable=False),
)

notice = Table(
    "notice",
    metadata,
    Column("notice_id", String(200, collation="C"), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("seller_id", ID, doc="To whom a mail goes"),
    Column("work_id", String(160, collation="C"), doc="Of a reminder: the approval or task"),
    Column("day", Date, doc="Of a daily list"),
    Column("state", String(16), nullable=False, doc="followup.notices.repository"),
    Column("attempts", SmallInteger, nullable=False),
    Column("reason", Text, nullable=False, doc="Why it was not sent, without addresses"),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("settled_at", DateTime(timezone=True)),
)
Index("ix_notice_due", notice.c.due_at, postgresql_where=text("state = 'due'"))
Index("ix_notice_seller_id", notice.c.seller_id, notice.c.day)
