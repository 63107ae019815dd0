"""Fact sheets: the figures that texts state.

Revision: 0007
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table fact_sheet_figure (
            place varchar(6) collate "C" not null,
            name varchar(64) collate "C" not null,
            value numeric(20, 4) not null,
            source text not null,
            entered_by varchar(255) not null,
            entered_at timestamptz not null,
            constraint pk_fact_sheet_figure primary key (place, name)
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table fact_sheet_figure")
