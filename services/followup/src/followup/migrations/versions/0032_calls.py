"""Calls that sellers made, and with a task the hours at which its contact is best called.

Revision: 0032
"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table seller_call (
            activity_id varchar(64) collate "C" not null,
            lead_id varchar(128) collate "C" not null,
            called_at timestamptz not null,
            reached boolean not null,
            constraint pk_seller_call primary key (activity_id)
        )
        """
    )
    op.execute("create index ix_seller_call_lead_id on seller_call (lead_id)")
    op.execute("create index ix_seller_call_called_at on seller_call (called_at)")
    op.execute("alter table task add column call_hours jsonb")


def downgrade() -> None:
    op.execute("alter table task drop column call_hours")
    op.execute("drop table seller_call")
