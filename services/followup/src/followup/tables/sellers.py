"""Tables of sellers and their absences."""

from sqlalchemy import Boolean, CheckConstraint, Column, DateTime, ForeignKey, String, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from followup.tables.schema import ID, metadata

seller = Table(
    "seller",
    metadata,
    Column("seller_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", String(254), nullable=False),
    Column("signature", Text, nullable=False),
    Column("approver", ID, doc="Of what goes in their name; null: they themselves"),
    Column("active", Boolean, nullable=False),
)

absence = Table(
    "absence",
    metadata,
    Column(
        "seller_id",
        ID,
        ForeignKey("seller.seller_id", name="fk_absence_seller_id_seller", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("absence_id", ID, primary_key=True),
    Column("starts", DateTime(timezone=True), nullable=False),
    Column("ends", DateTime(timezone=True), nullable=False),
    Column("deputy", ID, doc="Who does their work during it; null: whoever may"),
    CheckConstraint("ends > starts", name="in_order"),
)

seller_calendar = Table(
    "seller_calendar",
    metadata,
    Column(
        "seller_id",
        ID,
        ForeignKey(
            "seller.seller_id", name="fk_seller_calendar_seller_id_seller", ondelete="CASCADE"
        ),
        primary_key=True,
    ),
    Column("url", Text, doc="Where it is read, never shown; null: it was uploaded"),
    Column("busy", JSONB, nullable=False, doc="When they are busy: from and until, no titles"),
    Column("covers_until", DateTime(timezone=True)),
    Column("read_at", DateTime(timezone=True), doc="Null: it could not be read yet"),
    Column("tried_at", DateTime(timezone=True), nullable=False),
    Column("problem", Text, doc="Why it could not be read the last time"),
)
