"""Store the results of webhooks of steps.

Revision: 0013
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table webhook_call (
        call_id varchar(160) collate "C" not null,
        sequence_id varchar(64) collate "C" not null,
        step_id varchar(64) collate "C" not null,
        hook varchar(64) collate "C" not null,
        state varchar(16) not null,
        attempts smallint not null,
        first_at timestamptz not null,
        last_at timestamptz not null,
        reason text not null,
        constraint pk_webhook_call primary key (call_id)
    )
    """,
    "create index ix_webhook_call_sequence_id on webhook_call (sequence_id)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop table webhook_call")
