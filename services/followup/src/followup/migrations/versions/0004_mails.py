"""Mails: which went, when the next may go to a domain, and which came in.

Revision: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table mail_attempt (
        message_id varchar(320) collate "C" not null,
        sequence_id varchar(64) collate "C" not null,
        step_id varchar(64) collate "C" not null,
        state varchar(16) not null,
        number smallint default 0 not null,
        turn_at timestamptz,
        claimed_at timestamptz,
        settled_at timestamptz,
        code smallint,
        status varchar(16),
        reason text default '' not null,
        concerns_recipient boolean default false not null,
        constraint pk_mail_attempt primary key (message_id)
    )
    """,
    "create index ix_mail_attempt_sequence_id on mail_attempt (sequence_id)",
    """
    create index ix_mail_attempt_unknown on mail_attempt (claimed_at)
    where state in ('sending', 'unknown')
    """,
    """
    create table mail_domain (
        domain varchar(255) collate "C" not null,
        next_turn_at timestamptz not null,
        constraint pk_mail_domain primary key (domain)
    )
    """,
    """
    create table incoming_mail (
        digest char(64) collate "C" not null,
        message_id text,
        received_at timestamptz not null,
        kind varchar(32) not null,
        evidence jsonb not null,
        refers_to varchar(320) collate "C",
        sequence_id varchar(64) collate "C",
        step_id varchar(64) collate "C",
        about varchar(320),
        returns_on date,
        has_left boolean not null,
        bounced jsonb not null,
        unsubscribe_token text,
        subject text not null,
        text text not null,
        handled_at timestamptz,
        constraint pk_incoming_mail primary key (digest)
    )
    """,
    "create index ix_incoming_mail_about on incoming_mail (about)",
    "create index ix_incoming_mail_sequence_id on incoming_mail (sequence_id)",
    """
    create index ix_incoming_mail_pending on incoming_mail (received_at, digest)
    where handled_at is null
    """,
)

_TABLES = ("incoming_mail", "mail_domain", "mail_attempt")


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
