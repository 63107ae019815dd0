"""Playbooks, their versions, and the figures that texts state."""

from sqlalchemy import Column, DateTime, ForeignKey, Integer, Numeric, String, Table, Text, func

from followup.tables.schema import ID, metadata

playbook = Table(
    "playbook",
    metadata,
    Column("playbook_id", ID, primary_key=True),
    Column("in_force", Integer, doc="The version that lets contacts in; null: none"),
    Column("draft", Text, doc="YAML that is not published; it may hold mistakes"),
    Column("draft_by", String(255)),
    Column("draft_at", DateTime(timezone=True)),
)

playbook_version = Table(
    "playbook_version",
    metadata,
    Column(
        "playbook_id",
        ID,
        ForeignKey("playbook.playbook_id", name="fk_playbook_version_playbook_id_playbook"),
        primary_key=True,
    ),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False, doc="The YAML as it was published; never changed"),
    Column("published_by", String(255), nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

fact_sheet_figure = Table(
    "fact_sheet_figure",
    metadata,
    Column("place", String(6, collation="C"), primary_key=True, doc="A code, or all"),
    Column("name", ID, primary_key=True),
    Column("value", Numeric(20, 4), nullable=False),
    Column("source", Text, nullable=False, doc="Where it comes from, for people"),
    Column("entered_by", String(255), nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
)
