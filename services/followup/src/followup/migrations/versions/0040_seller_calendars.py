"""When sellers are busy, by their own calendars.

Revision: 0040
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table seller_calendar (
            seller_id varchar(64) collate "C" not null,
            url text,
            busy jsonb not null,
            covers_until timestamptz,
            read_at timestamptz,
            tried_at timestamptz not null,
            problem text,
            constraint pk_seller_calendar primary key (seller_id),
            constraint fk_seller_calendar_seller_id_seller foreign key (seller_id)
                references seller (seller_id) on delete cascade
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table seller_calendar")
