"""Fill-ins of approvals have names, what people write into them is kept, and edits are measured.

Revision: 0011
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "alter table approval "
        "add fill_in_names text[] not null default '{}', "
        "add passages jsonb not null default '{}', "
        "add changed_share double precision"
    )


def downgrade() -> None:
    op.execute("alter table approval drop fill_in_names, drop passages, drop changed_share")
