"""Calendar feeds of sellers, and what sellers are told by mail: daily lists and reminders.

Revision: 0017
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table calendar_token (
        seller_id varchar(64) collate "C" not null,
        token_digest bytea not null,
        opened_at timestamptz not null,
        constraint pk_calendar_token primary key (seller_id),
        constraint uq_calendar_token_token_digest unique (token_digest),
        constraint fk_calendar_token_seller_id_seller
            foreign key (seller_id) references seller (seller_id) on delete cascade
    )
    """,
    """
    create table notice (
        notice_id varchar(200) collate "C" not null,
        kind varchar(16) not null,
        channel varchar(16) not null,
        seller_id varchar(64) collate "C",
        work_id varchar(160) collate "C",
        day date,
        state varchar(16) not null,
        attempts smallint not null,
        reason text not null,
        due_at timestamptz not null,
        created_at timestamptz not null,
        settled_at timestamptz,
        constraint pk_notice primary key (notice_id)
    )
    """,
    "create index ix_notice_due on notice (due_at) where state = 'due'",
    "create index ix_notice_seller_id on notice (seller_id, day)",
    "alter table approval add reminded_at timestamptz",
    "alter table task add reminded_at timestamptz",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("alter table task drop reminded_at")
    op.execute("alter table approval drop reminded_at")
    op.execute("drop table notice")
    op.execute("drop table calendar_token")
