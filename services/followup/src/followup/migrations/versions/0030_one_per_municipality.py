"""One open sequence of a playbook that lets in one contact of a municipality.

Revision: 0030
"""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of sequences that are open already this is not known: who enters looks at them, too.
    op.execute("alter table sequence add column stands_for varchar(6)")
    op.execute(
        "create unique index uq_sequence_stands_for on sequence (stands_for, playbook_id) "
        "where is_open"
    )


def downgrade() -> None:
    op.execute("alter table sequence drop column stands_for")
