"""Within a grade leads are listed by the sum of fit and engagement.

Revision: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("drop index ix_lead_ranking")
    op.execute(
        "create index ix_lead_ranking on lead (grade, (fit + engagement) desc, lead_id)"
        " include (fit, engagement)"
    )


def downgrade() -> None:
    op.execute("drop index ix_lead_ranking")
    op.execute("create index ix_lead_ranking on lead (grade, engagement desc, fit desc, lead_id)")
