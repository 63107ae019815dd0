"""Sequences with what has happened to them, approvals and tasks.

Revision: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table sequence (
        sequence_id varchar(64) collate "C" not null,
        playbook_id varchar(64) collate "C" not null,
        playbook_version integer not null,
        lead_id varchar(128) collate "C" not null,
        trigger_id varchar(64) collate "C" not null,
        municipality_code varchar(6),
        version integer not null,
        status varchar(32) not null,
        is_open boolean not null,
        is_paused boolean not null,
        step_id varchar(64) collate "C",
        due_at timestamptz,
        started_at timestamptz not null,
        ended_at timestamptz,
        end_reason text,
        state jsonb not null,
        updated_at timestamptz not null,
        constraint pk_sequence primary key (sequence_id)
    )
    """,
    "create index ix_sequence_lead_id on sequence (lead_id)",
    "create index ix_sequence_municipality_code on sequence (municipality_code)",
    "create unique index uq_sequence_open on sequence (lead_id, playbook_id) where is_open",
    """
    create table sequence_fact (
        sequence_id varchar(64) collate "C" not null,
        version integer not null,
        position smallint not null,
        kind varchar(32) not null,
        at timestamptz not null,
        recorded_at timestamptz not null,
        fact jsonb not null,
        constraint pk_sequence_fact primary key (sequence_id, version, position),
        constraint fk_sequence_fact_sequence_id_sequence
            foreign key (sequence_id) references sequence (sequence_id) on delete cascade
    )
    """,
    "create index ix_sequence_fact_kind on sequence_fact (kind, at)",
    """
    create table approval (
        approval_id varchar(160) collate "C" not null,
        sequence_id varchar(64) collate "C" not null,
        step_id varchar(64) collate "C" not null,
        lead_id varchar(128) collate "C" not null,
        municipality_code varchar(6),
        approver varchar(64) collate "C",
        status varchar(16) not null,
        subject text not null,
        text text not null,
        fill_ins text[] not null,
        edited_subject text,
        edited_text text,
        requested_at timestamptz not null,
        expires_at timestamptz not null,
        decided_at timestamptz,
        decided_by varchar(255),
        reason text,
        constraint pk_approval primary key (approval_id),
        constraint fk_approval_sequence_id_sequence
            foreign key (sequence_id) references sequence (sequence_id) on delete cascade
    )
    """,
    "create index ix_approval_approver on approval (approver)",
    "create index ix_approval_sequence_id on approval (sequence_id)",
    "create index ix_approval_status on approval (status, expires_at)",
    """
    create table task (
        task_id varchar(160) collate "C" not null,
        sequence_id varchar(64) collate "C" not null,
        step_id varchar(64) collate "C" not null,
        kind varchar(32) not null,
        lead_id varchar(128) collate "C" not null,
        municipality_code varchar(6),
        owner varchar(64) collate "C",
        title text not null,
        text text not null,
        fields text[] not null,
        status varchar(16) not null,
        opened_at timestamptz not null,
        due_at timestamptz not null,
        snoozed_until timestamptz,
        outcome varchar(32),
        note text,
        closed_at timestamptz,
        closed_by varchar(255),
        constraint pk_task primary key (task_id),
        constraint fk_task_sequence_id_sequence
            foreign key (sequence_id) references sequence (sequence_id) on delete cascade
    )
    """,
    "create index ix_task_owner on task (owner)",
    "create index ix_task_sequence_id on task (sequence_id)",
    "create index ix_task_status on task (status, due_at)",
)

_TABLES = (
    "task",
    "approval",
    "sequence_fact",
    "sequence",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
