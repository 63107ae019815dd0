"""Recycled handoffs that a budget phase is to wake.

Revision: 0015
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table phase_wake (
            handoff_id varchar(64) collate "C" constraint pk_phase_wake primary key
                constraint fk_phase_wake_handoff_id_handoff
                references handoff (handoff_id) on delete cascade,
            phase varchar(64) not null,
            began_on date not null,
            said_by text not null,
            look_at timestamptz not null default now()
        )
        """
    )
    op.execute("create index ix_phase_wake_look_at on phase_wake (look_at)")


def downgrade() -> None:
    op.execute("drop table phase_wake")
