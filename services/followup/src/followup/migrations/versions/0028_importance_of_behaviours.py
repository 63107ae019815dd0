"""Of the behaviours that nobody has acted on the most important are found first.

Revision: 0028
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index_behaviours("urgent, importance desc, id")


def downgrade() -> None:
    _index_behaviours("urgent, id")


def _index_behaviours(columns: str) -> None:
    op.execute("drop index ix_seen_behaviour_pending")
    op.execute(
        f"create index ix_seen_behaviour_pending on seen_behaviour ({columns}) "
        "where handled_at is null"
    )
