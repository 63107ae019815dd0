"""Store the recipient of the text of an approval or task: a step may turn to a colleague.

Revision: 0024
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TABLES = ("approval", "task")


def upgrade() -> None:
    for table in _TABLES:
        op.execute(f'alter table {table} add column recipient_lead_id varchar(128) collate "C"')
        op.execute(f"create index ix_{table}_recipient_lead_id on {table} (recipient_lead_id)")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"alter table {table} drop column recipient_lead_id")
