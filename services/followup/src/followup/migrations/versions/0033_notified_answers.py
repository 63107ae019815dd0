"""Sellers are notified of answers, once of each.

Revision: 0033
"""

from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table incoming_mail add notified_at timestamptz")
    op.execute("update incoming_mail set notified_at = received_at")
    op.execute(
        "create index ix_incoming_mail_answers on incoming_mail (received_at) "
        "where kind in ('answer', 'negative', 'opt_out')"
    )


def downgrade() -> None:
    op.execute("drop index ix_incoming_mail_answers")
    op.execute("alter table incoming_mail drop notified_at")
