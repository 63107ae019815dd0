"""Handoffs, what has happened to them, and what is to be published of it.

Revision: 0002
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table outbox (
        shard smallint not null,
        id bigint generated always as identity,
        topic text not null,
        key bytea,
        value bytea,
        headers bytea not null,
        created_at timestamptz default now() not null,
        constraint pk_outbox primary key (shard, id)
    ) with (
        autovacuum_vacuum_scale_factor = 0,
        autovacuum_vacuum_threshold = 20000,
        autovacuum_vacuum_insert_threshold = -1,
        autovacuum_vacuum_cost_delay = 0,
        toast_tuple_target = 8160
    )
    """,
    """
    create table inbox (
        event_key uuid not null,
        content_hash bigint not null,
        received_at timestamptz default now() not null,
        constraint pk_inbox primary key (event_key)
    )
    """,
    "create index ix_inbox_received_at on inbox using brin (received_at)",
    """
    create table handoff (
        handoff_id varchar(64) collate "C" not null,
        lead_id varchar(128) collate "C" not null,
        from_role varchar(32) not null,
        to_role varchar(32) not null,
        version integer not null,
        status varchar(16) not null,
        is_open boolean not null,
        municipality_code varchar(6),
        policy_area varchar(64),
        grade varchar(64),
        complexity integer not null,
        sender varchar(64) collate "C",
        owner varchar(64) collate "C",
        carried_by varchar(64) collate "C",
        requested_at timestamptz not null,
        ended_at timestamptz,
        outcome varchar(16),
        deal_id varchar(64) collate "C",
        next_due_at timestamptz,
        state jsonb not null,
        updated_at timestamptz not null,
        constraint pk_handoff primary key (handoff_id)
    )
    """,
    # One open handoff per lead and kind, whoever requests it.
    """
    create unique index uq_handoff_open on handoff (lead_id, from_role, to_role) where is_open
    """,
    "create index ix_handoff_lead_id on handoff (lead_id)",
    "create index ix_handoff_municipality_code on handoff (municipality_code)",
    "create index ix_handoff_carried_by on handoff (carried_by) where carried_by is not null",
    """
    create table handoff_fact (
        handoff_id varchar(64) collate "C" not null,
        version integer not null,
        position smallint not null,
        kind varchar(32) not null,
        at timestamptz not null,
        recorded_at timestamptz not null,
        round integer not null,
        owner varchar(64) collate "C",
        fact jsonb not null,
        constraint pk_handoff_fact primary key (handoff_id, version, position),
        constraint fk_handoff_fact_handoff_id_handoff
            foreign key (handoff_id) references handoff (handoff_id) on delete cascade
    )
    """,
    "create index ix_handoff_fact_kind on handoff_fact (kind, at)",
    """
    create table policy (
        name varchar(32) not null,
        version integer not null,
        document jsonb not null,
        updated_at timestamptz not null,
        constraint pk_policy primary key (name)
    )
    """,
)

_TABLES = ("policy", "handoff_fact", "handoff", "inbox", "outbox")


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
