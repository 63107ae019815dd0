"""Leads whose person was erased; the inbox, which nothing reads, goes.

Revision: 0010
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table erased_lead (
            lead_id varchar(128) collate "C" not null,
            erased_at timestamptz default now() not null,
            constraint pk_erased_lead primary key (lead_id)
        )
        """
    )
    op.execute("drop table inbox")


def downgrade() -> None:
    op.execute("drop table erased_lead")
    op.execute(
        """
        create table inbox (
            event_key uuid not null,
            content_hash bigint not null,
            received_at timestamptz default now() not null,
            constraint pk_inbox primary key (event_key)
        )
        """
    )
    op.execute("create index ix_inbox_received_at on inbox using brin (received_at)")
