"""Store the records of tasks, and agreements of proofs of concept.

Revision: 0019
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table task add column record jsonb")
    op.execute(
        """
        create table proof_of_concept (
            sequence_id varchar(64) collate "C" not null,
            agreed jsonb not null,
            agreed_by varchar(255) not null,
            agreed_at timestamptz not null,
            constraint pk_proof_of_concept primary key (sequence_id),
            constraint fk_proof_of_concept_sequence_id_sequence foreign key (sequence_id)
                references sequence (sequence_id) on delete cascade
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table proof_of_concept")
    op.execute("alter table task drop column record")
