"""The score history can be found by age, so that the old part of it can be forgotten.

Revision: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create index ix_score_history_scored_at on score_history using brin (scored_at)")


def downgrade() -> None:
    op.execute("drop index ix_score_history_scored_at")
