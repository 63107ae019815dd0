"""Contacts, and what every service keeps: audit, inbox, outbox, answered requests.

Revision: 0001
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table audit (
        id bigint generated always as identity,
        at timestamptz default now() not null,
        who text not null,
        what text not null,
        subject text not null,
        origin text not null,
        before jsonb,
        after jsonb,
        constraint pk_audit primary key (id)
    )
    """,
    "create index ix_audit_subject on audit (subject, id)",
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
    create table lead (
        lead_id varchar(128) collate "C" not null,
        constraint pk_lead primary key (lead_id)
    )
    """,
    """
    create table lead_field (
        lead_id varchar(128) collate "C" not null,
        name varchar(32) not null,
        value text,
        at timestamptz not null,
        event_key uuid not null,
        source text not null,
        constraint pk_lead_field primary key (lead_id, name),
        constraint fk_lead_field_lead_id_lead
            foreign key (lead_id) references lead (lead_id) on delete cascade
    )
    """,
    "create index ix_lead_field_email on lead_field (lower(value)) where name = 'email'",
    """
    create index ix_lead_field_municipality on lead_field (value)
    where name = 'municipality_code'
    """,
    """
    create table erased_lead (
        lead_id varchar(128) collate "C" not null,
        erased_at timestamptz default now() not null,
        constraint pk_erased_lead primary key (lead_id)
    )
    """,
)

_TABLES = (
    "erased_lead",
    "lead_field",
    "lead",
    "outbox",
    "inbox",
    "idempotency_key",
    "audit",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
