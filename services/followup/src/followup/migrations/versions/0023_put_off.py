"""Store when a mail, reason or behaviour that was put off is due again.

Revision: 0023
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TABLES = ("incoming_mail", "reason", "seen_behaviour")


def upgrade() -> None:
    for table in _TABLES:
        op.execute(f"alter table {table} add column look_at timestamptz")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"alter table {table} drop column look_at")
