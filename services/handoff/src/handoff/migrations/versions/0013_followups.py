"""Store the mails that followup sent to leads, and the leads' reactions.

Revision: 0013
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table lead_followup (
            lead_id varchar(128) collate "C" not null,
            at timestamptz not null,
            kind varchar(64) not null,
            reference varchar(320) collate "C" not null,
            playbook_id varchar(64) not null,
            step_id varchar(64),
            source text not null,
            constraint pk_lead_followup primary key (lead_id, at, kind, reference),
            constraint fk_lead_followup_lead_id_lead
                foreign key (lead_id) references lead (lead_id) on delete cascade
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table lead_followup")
