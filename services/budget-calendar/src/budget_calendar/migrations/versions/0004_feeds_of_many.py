"""Feeds of what is followed, in a prefecture or everywhere, and of an owner's pursuits.

Revision: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Those that are there are of one municipality each."""
    op.execute("alter table feed alter column code drop not null")
    op.execute('alter table feed add column prefecture varchar(6) collate "C"')
    op.execute("alter table feed add column owner text")


def downgrade() -> None:
    """Feeds of many have no place in the older table."""
    op.execute("delete from feed where code is null")
    op.execute("alter table feed drop column owner")
    op.execute("alter table feed drop column prefecture")
    op.execute("alter table feed alter column code set not null")
