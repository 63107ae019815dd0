"""Store the revision of its calendars that a pursuit was notified of.

Revision: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Every pursuit is told once more."""
    op.execute("alter table pursuit add column calendar_told integer default 0 not null")
    op.execute("alter table pursuit alter column calendar_told drop default")


def downgrade() -> None:
    """They plan anew when the fiscal year does."""
    op.execute("alter table pursuit drop column calendar_told")
