"""Readiness as it stood when handoffs were requested and accepted.

Revision: 0009
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table readiness_snapshot (
            handoff_id varchar(64) collate "C" not null,
            version integer not null,
            moment varchar(16) not null,
            at timestamptz not null,
            criteria jsonb not null,
            required varchar(32)[] not null,
            missing varchar(32)[] not null,
            constraint pk_readiness_snapshot primary key (handoff_id, version),
            constraint fk_readiness_snapshot_handoff_id_handoff
                foreign key (handoff_id) references handoff (handoff_id) on delete cascade
        )
        """
    )
    op.execute("create index ix_readiness_snapshot_at on readiness_snapshot (at)")
    op.execute("create index ix_packet_verdict_at on packet_verdict (at)")


def downgrade() -> None:
    op.execute("drop index ix_packet_verdict_at")
    op.execute("drop table readiness_snapshot")
