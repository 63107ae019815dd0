"""Store the handling of reasons and behaviours; a reason about an unknown lead waits for the lead.

Revision: 0021
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table reason add column handling varchar(32)")
    op.execute("alter table seen_behaviour add column handling varchar(32)")
    op.execute("update reason set set_aside = null where set_aside = 'unknown_lead'")


def downgrade() -> None:
    op.execute("alter table seen_behaviour drop column handling")
    op.execute("alter table reason drop column handling")
