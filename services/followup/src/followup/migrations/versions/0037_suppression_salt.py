"""One salt for the digests of erased persons' addresses.

Revision: 0037
"""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table suppression_salt (
            is_the_one boolean primary key default true,
            salt bytea not null,
            constraint ck_suppression_salt_one check (is_the_one)
        )
        """
    )


def downgrade() -> None:
    op.execute(
        """
        update suppression set salt = (select salt from suppression_salt)
        where scope = 'address' and salt is null and value like 'sha256:%'
        """
    )
    op.execute("drop table suppression_salt")
