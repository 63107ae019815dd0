"""Whether Temporal still keeps something of an erased lead.

Revision: 0012
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table erased_lead add column settled_at timestamptz")


def downgrade() -> None:
    op.execute("alter table erased_lead drop column settled_at")
