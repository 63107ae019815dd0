"""Leads that two records of a CRM were.

Revision: 0036
"""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table merged_lead (
            lead_id varchar(128) collate "C" primary key,
            into_lead_id varchar(128) collate "C" not null,
            survivor varchar(128) collate "C" not null,
            merged_at timestamptz not null,
            recorded_at timestamptz not null default now()
        )
        """
    )
    op.execute("create index ix_merged_lead_survivor on merged_lead (survivor)")


def downgrade() -> None:
    op.execute("drop table merged_lead")
