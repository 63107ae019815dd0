"""Suppressions without the address, and whether Temporal still keeps something of an erased lead.

Revision: 0010
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table suppression add column salt bytea")
    op.execute("create index ix_suppression_salted on suppression (scope) where salt is not null")
    op.execute("alter table erased_lead add column settled_at timestamptz")


def downgrade() -> None:
    op.execute("alter table erased_lead drop column settled_at")
    op.execute("delete from suppression where salt is not null")
    op.execute("alter table suppression drop column salt")
