"""Store customers' answers to short surveys.

Revision: 0038
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table survey_answer (
            answer_id uuid primary key,
            municipality_code varchar(6),
            lead_id varchar(128) collate "C",
            about varchar(32) not null,
            playbook_id varchar(64) collate "C",
            sequence_id varchar(64) collate "C",
            score smallint not null,
            comment text,
            owner varchar(64),
            answered_at timestamptz not null,
            received_at timestamptz not null default now()
        )
        """
    )
    for column in ("municipality_code", "lead_id", "answered_at"):
        op.execute(f"create index ix_survey_answer_{column} on survey_answer ({column})")


def downgrade() -> None:
    op.execute("drop table survey_answer")
