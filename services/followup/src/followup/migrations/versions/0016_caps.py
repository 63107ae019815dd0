"""Store the subjects by which mails are counted, and the send policy's decisions.

Revision: 0016
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_COUNTED = {
    "lead_id_claimed_at": "lead_id, claimed_at",
    "organisation_claimed_at": "organisation, claimed_at",
    "seller_id_claimed_at": "seller_id, claimed_at",
    "claimed_at": "claimed_at",
}

_STATEMENTS = (
    """
    alter table mail_attempt
        add column lead_id varchar(128) collate "C",
        add column organisation varchar(64) collate "C",
        add column seller_id varchar(64) collate "C",
        add column role varchar(64) collate "C",
        add column occasion text
    """,
    # What went before is counted for the sequence's contact.
    """
    update mail_attempt
    set lead_id = sequence.lead_id, organisation = sequence.municipality_code,
        seller_id = sequence.state ->> 'owner', occasion = sequence.state ->> 'reason'
    from sequence where sequence.sequence_id = mail_attempt.sequence_id
    """,
    *(
        f"create index ix_mail_attempt_{name} on mail_attempt ({columns}) "
        "where state in ('sending', 'unknown', 'accepted')"
        for name, columns in _COUNTED.items()
    ),
    """
    create table send_decision (
        sequence_id varchar(64) collate "C" not null,
        attempt integer not null,
        stage varchar(16) not null,
        step_id varchar(64) collate "C" not null,
        lead_id varchar(128) collate "C" not null,
        decided_at timestamptz not null,
        reason varchar(32),
        goes_at timestamptz,
        text_ja text not null,
        text_en text not null,
        constraint pk_send_decision primary key (sequence_id, attempt, stage),
        constraint fk_send_decision_sequence_id_sequence foreign key (sequence_id)
            references sequence (sequence_id) on delete cascade
    )
    """,
    "create index ix_send_decision_lead_id on send_decision (lead_id, decided_at)",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop table send_decision")
    op.execute("drop index ix_mail_attempt_claimed_at")  # the others go with their columns
    op.execute(
        "alter table mail_attempt drop column occasion, drop column role, drop column seller_id, "
        "drop column organisation, drop column lead_id"
    )
