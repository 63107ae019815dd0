"""Playbooks, their versions and drafts.

Revision: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table playbook (
            playbook_id varchar(64) collate "C" not null,
            in_force integer,
            draft text,
            draft_by varchar(255),
            draft_at timestamptz,
            constraint pk_playbook primary key (playbook_id)
        )
        """
    )
    op.execute(
        """
        create table playbook_version (
            playbook_id varchar(64) collate "C" not null,
            version integer not null,
            document text not null,
            published_by varchar(255) not null,
            published_at timestamptz default now() not null,
            constraint pk_playbook_version primary key (playbook_id, version),
            constraint fk_playbook_version_playbook_id_playbook
                foreign key (playbook_id) references playbook (playbook_id)
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table playbook_version")
    op.execute("drop table playbook")
