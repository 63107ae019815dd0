"""The last day of the contract that a deal led to.

Revision: 0014
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table deal add column contract_ends_on date")


def downgrade() -> None:
    op.execute("alter table deal drop column contract_ends_on")
