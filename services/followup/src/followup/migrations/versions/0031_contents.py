"""The catalogue of content, and what was chosen of it for steps.

Revision: 0031
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table content (
            content_id varchar(64) collate "C" not null,
            kind varchar(32) not null,
            title text not null,
            url text,
            passage text,
            source text not null,
            topics text[] not null,
            roles text[] not null,
            size_bands text[] not null,
            stages text[] not null,
            policy_areas text[] not null,
            municipality_code varchar(6),
            valid_until date,
            active boolean not null,
            entered_by varchar(255) not null,
            entered_at timestamptz not null,
            constraint pk_content primary key (content_id)
        )
        """
    )
    op.execute(
        """
        create table step_content (
            visit varchar(160) collate "C" not null,
            sequence_id varchar(64) collate "C" not null,
            step_id varchar(64) collate "C" not null,
            lead_id varchar(128) collate "C" not null,
            chosen_at timestamptz not null,
            chosen jsonb not null,
            constraint pk_step_content primary key (visit),
            constraint fk_step_content_sequence_id_sequence foreign key (sequence_id)
                references sequence (sequence_id) on delete cascade
        )
        """
    )
    op.execute("create index ix_step_content_sequence_id on step_content (sequence_id)")
    op.execute("create index ix_step_content_lead_id on step_content (lead_id)")


def downgrade() -> None:
    op.execute("drop table step_content")
    op.execute("drop table content")
