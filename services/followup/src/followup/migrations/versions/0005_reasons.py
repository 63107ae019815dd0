"""Reasons, and how many came on each day.

Revision: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table reason (
        reason_id uuid not null,
        municipality_code varchar(6),
        lead_id varchar(128) collate "C",
        good_from date not null,
        good_until date not null,
        importance smallint not null,
        set_aside varchar(32),
        occurred_at timestamptz not null,
        received_at timestamptz default now() not null,
        reason jsonb not null,
        constraint pk_reason primary key (reason_id)
    )
    """,
    "create index ix_reason_good_until on reason (good_until)",
    "create index ix_reason_lead_id on reason (lead_id)",
    "create index ix_reason_municipality_code on reason (municipality_code)",
    """
    create table reason_day (
        place varchar(128) collate "C" not null,
        day date not null,
        taken integer default 0 not null,
        too_many integer default 0 not null,
        constraint pk_reason_day primary key (place, day)
    )
    """,
)

_TABLES = (
    "reason_day",
    "reason",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
