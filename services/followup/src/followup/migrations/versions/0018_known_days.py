"""Days that are known long before they are a reason: first meetings, ends of contracts.

Revision: 0018
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table known_day (
        day_id varchar(160) collate "C" not null,
        kind varchar(32) not null,
        day date not null,
        said_at timestamptz not null,
        lead_id varchar(128) collate "C",
        municipality_code varchar(6),
        owner varchar(64) collate "C",
        raise_on date,
        constraint pk_known_day primary key (day_id)
    )
    """,
    "create index ix_known_day_lead_id on known_day (lead_id)",
    "create index ix_known_day_raise_on on known_day (raise_on)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop table known_day")
