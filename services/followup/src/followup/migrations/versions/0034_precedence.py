"""Store the precedence among a contact's sequences.

Revision: 0034
"""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of sequences that are open already it is known with their next decision.
    op.execute("alter table sequence add column precedence smallint")
    op.execute(
        "create index ix_sequence_precedence on sequence (lead_id, precedence) where is_open"
    )


def downgrade() -> None:
    op.execute("alter table sequence drop column precedence")
