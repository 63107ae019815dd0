"""Store the statements of other services that open sequences must be notified of.

Revision: 0015
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table occurrence (
        occurrence_id uuid not null,
        kind varchar(32) not null,
        at timestamptz not null,
        said_by varchar(64) not null,
        lead_id varchar(128) collate "C",
        municipality_code varchar(6),
        name varchar(64) not null,
        received_at timestamptz not null,
        look_at timestamptz,
        constraint pk_occurrence primary key (occurrence_id)
    )
    """,
    "create index ix_occurrence_lead_id on occurrence (lead_id)",
    "create index ix_occurrence_municipality_code on occurrence (municipality_code)",
    "create index ix_occurrence_look_at on occurrence (look_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop table occurrence")
