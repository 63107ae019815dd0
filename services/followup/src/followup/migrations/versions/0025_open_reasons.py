"""Urgent behaviours are found first, and contacts on whom reasons are decided again.

Revision: 0025
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index_behaviours("urgent, id")
    op.execute("alter table lead add column known_since timestamptz")
    op.execute(
        "update lead set known_since = (select min(at) from lead_field said "
        "where said.lead_id = lead.lead_id)"
    )
    op.execute("alter table lead add column decide_at timestamptz")
    op.execute("create index ix_lead_decide_at on lead (decide_at) where decide_at is not null")


def downgrade() -> None:
    _index_behaviours("id")
    op.execute("alter table lead drop column decide_at, drop column known_since")


def _index_behaviours(columns: str) -> None:
    op.execute("drop index ix_seen_behaviour_pending")
    op.execute(
        f"create index ix_seen_behaviour_pending on seen_behaviour ({columns}) "
        "where handled_at is null"
    )
