"""For when a sequence's mail is planned, so that caps keep its place.

Revision: 0035
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of sequences that are open already it is known with their next decision.
    op.execute(
        "alter table sequence add column mail_due_at timestamptz, "
        "add column mail_planned_at timestamptz"
    )


def downgrade() -> None:
    op.execute("alter table sequence drop column mail_due_at, drop column mail_planned_at")
