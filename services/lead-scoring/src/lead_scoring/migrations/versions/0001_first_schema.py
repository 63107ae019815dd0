"""First schema.

Revision: 0001
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table lead (
        lead_id varchar(128) collate "C" not null constraint pk_lead primary key,
        version integer not null,
        activity bytea not null,
        last_activity_at timestamptz,
        last_event_at timestamptz not null,
        fit smallint not null,
        engagement smallint not null,
        grade varchar(2) not null,
        scored_at timestamptz not null,
        rule_version integer not null,
        next_grade_change_at timestamptz,
        published_fit smallint,
        published_engagement smallint,
        published_grade varchar(2),
        qualified boolean not null,
        qualifications integer not null,
        qualified_at timestamptz,
        left_at timestamptz,
        municipality_code varchar(6),
        outcome varchar(16),
        outcome_at timestamptz,
        outcome_amount_yen bigint,
        outcome_event_key uuid
    ) with (fillfactor = 70)
    """,
    # A lead as processes hand hundreds to one statement; its attributes are the table's columns.
    """
    create type scored_lead as (
        lead_id text,
        version integer,
        activity bytea,
        last_activity_at timestamptz,
        last_event_at timestamptz,
        fit smallint,
        engagement smallint,
        grade text,
        scored_at timestamptz,
        rule_version integer,
        next_grade_change_at timestamptz,
        published_fit smallint,
        published_engagement smallint,
        published_grade text,
        qualified boolean,
        qualifications integer,
        qualified_at timestamptz,
        left_at timestamptz,
        municipality_code text,
        outcome text,
        outcome_at timestamptz,
        outcome_amount_yen bigint,
        outcome_event_key uuid
    )
    """,
    "create index ix_lead_ranking on lead (grade, engagement desc, fit desc, lead_id)",
    "create index ix_lead_municipality on lead (municipality_code, lead_id)",
    """
    create index ix_lead_due on lead (next_grade_change_at) where next_grade_change_at is not null
    """,
    """
    create table lead_profile (
        lead_id varchar(128) collate "C" not null constraint pk_lead_profile primary key,
        person_name text,
        email text,
        phone text,
        department text,
        role text,
        municipality_code varchar(6),
        organisation_size integer,
        attributes jsonb not null default '{}',
        stamps jsonb not null
    )
    """,
    """
    create table event_log (
        received_at timestamptz not null,
        event_key uuid not null,
        lead_id varchar(128) collate "C" not null,
        occurred_at timestamptz not null,
        type text not null,
        source text not null,
        event_id text not null,
        data bytea not null
    ) partition by range (received_at)
    """,
    "create index ix_event_log_lead_id on event_log (lead_id)",
    # Whatever arrives while the month's partition is missing still has a place.
    "create table event_log_default partition of event_log default",
    """
    create table score_history (
        lead_id varchar(128) collate "C" not null,
        id bigint generated always as identity,
        scored_at timestamptz not null,
        fit smallint not null,
        engagement smallint not null,
        grade varchar(2) not null,
        previous_grade varchar(2),
        rule_version integer not null,
        cause varchar(8) not null,
        constraint pk_score_history primary key (lead_id, id)
    )
    """,
    """
    create table rule_set (
        version integer generated always as identity constraint pk_rule_set primary key,
        name text not null,
        document text not null,
        checksum text not null,
        published_by text not null,
        published_at timestamptz not null default now(),
        rescored_at timestamptz,
        rescored_up_to varchar(128) collate "C",
        rescored_leads integer,
        changed_grades integer
    )
    """,
    """
    create table inbox (
        event_key uuid not null constraint pk_inbox primary key,
        content_hash bigint not null,
        received_at timestamptz not null default now()
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
        created_at timestamptz not null default now(),
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
    create table idempotency_key (
        subject text not null,
        operation text not null,
        key text not null,
        request_digest bytea not null,
        status smallint,
        body bytea,
        created_at timestamptz not null default now(),
        constraint pk_idempotency_key primary key (subject, operation, key)
    )
    """,
    """
    create table audit (
        id bigint generated always as identity constraint pk_audit primary key,
        at timestamptz not null default now(),
        who text not null,
        what text not null,
        subject text not null,
        origin text not null,
        before jsonb,
        after jsonb
    )
    """,
    "create index ix_audit_subject on audit (subject, id)",
)

_TABLES = (
    "audit",
    "idempotency_key",
    "outbox",
    "inbox",
    "rule_set",
    "score_history",
    "event_log",
    "lead_profile",
    "lead",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
    op.execute("drop type scored_lead")
