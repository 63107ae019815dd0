"""Store the contacts involved in the deal of a contract or pursuit.

Revision: 0027
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table known_day add column lead_ids text[] not null default '{}'")
    op.execute(
        """
        create table pursuit_contact (
            pursuit_id varchar(64) collate "C" primary key,
            lead_ids text[] not null,
            owner varchar(64) collate "C",
            said_at timestamptz not null
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table pursuit_contact")
    op.execute("alter table known_day drop column lead_ids")
