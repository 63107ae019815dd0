"""Store each municipality's phase and next milestone of the budget year, from budget-phases-v1.

Revision: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "create table municipality_phase ("
        " municipality_code varchar(6) primary key,"
        " said_at timestamptz not null,"
        " fiscal_year smallint not null,"
        " phase text not null,"
        " label_ja text not null,"
        " label_en text not null,"
        " ends_likely_on date not null)"
    )
    op.execute(
        "create table municipality_milestone ("
        " municipality_code varchar(6) not null,"
        " fiscal_year smallint not null,"
        " milestone text not null,"
        " said_at timestamptz not null,"
        " label_ja text not null,"
        " label_en text not null,"
        " earliest_on date,"
        " likely_on date,"
        " latest_on date,"
        " primary key (municipality_code, fiscal_year, milestone))"
    )
    op.execute(
        "create index ix_municipality_milestone_next"
        " on municipality_milestone (municipality_code, likely_on)"
    )


def downgrade() -> None:
    op.execute("drop table municipality_milestone")
    op.execute("drop table municipality_phase")
