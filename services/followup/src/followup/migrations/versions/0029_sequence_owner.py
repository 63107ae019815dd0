"""Open sequences are found by their owner.

Revision: 0029
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create index ix_sequence_owner on sequence ((state ->> 'owner')) where is_open")


def downgrade() -> None:
    op.execute("drop index ix_sequence_owner")
