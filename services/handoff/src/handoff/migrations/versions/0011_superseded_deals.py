"""The deal that took a deal's place.

Revision: 0011
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute('alter table deal add column superseded_by varchar(64) collate "C"')


def downgrade() -> None:
    op.execute("alter table deal drop column superseded_by")
