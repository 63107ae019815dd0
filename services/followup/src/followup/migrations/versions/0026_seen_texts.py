"""Store the text of an approval that its approver has seen.

Revision: 0026
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table approval add column seen_digest varchar(16)")


def downgrade() -> None:
    op.execute("alter table approval drop column seen_digest")
