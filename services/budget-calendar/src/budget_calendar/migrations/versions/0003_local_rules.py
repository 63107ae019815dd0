"""Add municipalities' contract rules, and a version to subsidies.

Revision: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing is entered yet."""
    op.execute(
        """
        create table local_rules (
            code varchar(6) collate "C" not null,
            version integer not null,
            document jsonb not null,
            constraint pk_local_rules primary key (code)
        )
        """
    )
    op.execute(
        """
        create table subsidy_edits (
            id smallint not null,
            edits integer not null,
            constraint pk_subsidy_edits primary key (id)
        )
        """
    )


def downgrade() -> None:
    """Routes are planned by what the law allows."""
    op.execute("drop table subsidy_edits")
    op.execute("drop table local_rules")
