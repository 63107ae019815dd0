"""Absences of sellers, and who had an approval or task before they were away.

Revision: 0012
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table absence (
        seller_id varchar(64) collate "C" not null,
        absence_id varchar(64) collate "C" not null,
        starts timestamptz not null,
        ends timestamptz not null,
        deputy varchar(64) collate "C",
        constraint pk_absence primary key (seller_id, absence_id),
        constraint fk_absence_seller_id_seller
            foreign key (seller_id) references seller (seller_id) on delete cascade,
        constraint ck_absence_in_order check (ends > starts)
    )
    """,
    'alter table approval add moved_from varchar(64) collate "C"',
    'alter table task add moved_from varchar(64) collate "C"',
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("alter table task drop moved_from")
    op.execute("alter table approval drop moved_from")
    op.execute("drop table absence")
