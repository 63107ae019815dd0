"""Store the positions up to which IMAP mailboxes were read.

Revision: 0014
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table imap_checkpoint (
            mailbox text not null,
            uid_validity bigint not null,
            last_uid bigint not null,
            constraint pk_imap_checkpoint primary key (mailbox)
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table imap_checkpoint")
