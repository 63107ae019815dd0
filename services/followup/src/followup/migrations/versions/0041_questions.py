"""Questions that a person is to answer.

Revision: 0041
"""

from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table question (
            question_id uuid primary key,
            lead_id varchar(128) collate "C",
            municipality_code varchar(6),
            text text not null,
            owner varchar(64) collate "C",
            asked_at timestamptz not null,
            due_at timestamptz not null,
            answered_at timestamptz,
            answered_by varchar(255)
        )
        """
    )
    op.execute("create index ix_question_lead_id on question (lead_id)")
    op.execute("create index ix_question_due_at on question (due_at)")


def downgrade() -> None:
    op.execute("drop table question")
