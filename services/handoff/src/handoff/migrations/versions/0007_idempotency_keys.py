"""Answers to requests that may be sent again.

Revision: 0007
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table idempotency_key (
            subject text not null,
            operation text not null,
            key text not null,
            request_digest bytea not null,
            status smallint,
            body bytea,
            created_at timestamptz default now() not null,
            constraint pk_idempotency_key primary key (subject, operation, key)
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table idempotency_key")
