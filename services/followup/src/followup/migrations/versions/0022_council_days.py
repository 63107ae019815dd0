"""Store the sessions of municipalities' councils.

Revision: 0022
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table council_day (
            municipality_code varchar(6) not null,
            fiscal_year smallint not null,
            session smallint not null,
            milestone varchar(32) collate "C" not null,
            day date,
            said_at timestamptz not null,
            constraint pk_council_day
                primary key (municipality_code, fiscal_year, session, milestone)
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table council_day")
