"""Store when a person first answered a mail: the hours of sending are learnt from it.

Revision: 0020
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table mail_attempt add column answered_at timestamptz")
    op.execute(
        """
        update mail_attempt set answered_at = first.received_at
        from (
            select refers_to, min(received_at) as received_at from incoming_mail
            where kind in ('answer', 'negative') and refers_to is not null group by refers_to
        ) first
        where first.refers_to = mail_attempt.message_id
        """
    )


def downgrade() -> None:
    op.execute("alter table mail_attempt drop column answered_at")
