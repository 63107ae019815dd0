"""Decisions on who enters which playbook for which reason or behaviour.

Revision: 0009
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table entry_decision (
        trigger_id varchar(64) collate "C" not null,
        lead_id varchar(128) collate "C" not null,
        playbook_id varchar(64) collate "C" not null,
        playbook_version integer not null,
        sequence_id varchar(64) collate "C",
        why_ja text not null,
        why_en text not null,
        decided_at timestamptz not null,
        constraint pk_entry_decision primary key (trigger_id, lead_id, playbook_id)
    )
    """,
    "create index ix_entry_decision_lead_id on entry_decision (lead_id, decided_at)",
)

_TABLES = ("entry_decision",)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
