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
    create table announced (
        event_id uuid not null,
        at timestamptz default now() not null,
        constraint pk_announced primary key (event_id)
    )
    """,
    "create index ix_announced_at on announced (at)",
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
    create table calendar (
        code varchar(6) collate "C" not null,
        fiscal_year smallint not null,
        version integer not null,
        document jsonb not null,
        cause varchar(16) not null,
        reason text not null,
        computed_by text not null,
        computed_at timestamptz not null,
        constraint pk_calendar primary key (code, fiscal_year, version)
    )
    """,
    """
    create table calendar_milestone (
        code varchar(6) collate "C" not null,
        fiscal_year smallint not null,
        key varchar(64) collate "C" not null,
        kind varchar(40) not null,
        number smallint,
        earliest date not null,
        likely date not null,
        latest date not null,
        basis varchar(10) not null,
        source text not null,
        confidence double precision not null,
        constraint pk_calendar_milestone primary key (code, fiscal_year, key)
    )
    """,
    "create index ix_calendar_milestone_code on calendar_milestone (code, likely)",
    "create index ix_calendar_milestone_likely on calendar_milestone (likely, code)",
    """
    create table calendar_phase (
        code varchar(6) collate "C" not null,
        fiscal_year smallint not null,
        phase varchar(32) not null,
        begins date not null,
        ends date not null,
        basis varchar(10) not null,
        constraint pk_calendar_phase primary key (code, fiscal_year, phase)
    )
    """,
    """
    create table correction (
        id bigint generated always as identity,
        code varchar(6) collate "C" not null,
        fiscal_year smallint not null,
        key varchar(64) collate "C" not null,
        earliest date not null,
        likely date not null,
        latest date not null,
        source text not null,
        reason text not null,
        made_by text not null,
        made_at timestamptz not null,
        withdrawn_at timestamptz,
        constraint pk_correction primary key (id)
    )
    """,
    """
    create unique index ix_correction_in_force
        on correction (code, fiscal_year, key)
        where withdrawn_at is null
    """,
    """
    create table council_session (
        code varchar(6) collate "C" not null,
        kind varchar(16) not null,
        year smallint not null,
        number smallint not null,
        opens_on date,
        last_vote_on date not null,
        bills jsonb not null,
        source text not null,
        constraint pk_council_session primary key (code, kind, year, number)
    )
    """,
    """
    create table feed (
        id uuid not null,
        token_digest bytea not null,
        code varchar(6) collate "C" not null,
        language varchar(2) not null,
        created_by text not null,
        created_at timestamptz not null,
        constraint pk_feed primary key (id),
        constraint uq_feed_token_digest unique (token_digest)
    )
    """,
    """
    create table follow (
        code varchar(6) collate "C" not null,
        since timestamptz not null,
        followed_by text not null,
        started boolean not null,
        revision integer not null,
        told integer not null,
        constraint pk_follow primary key (code)
    )
    """,
    "create index ix_follow_untold on follow (code) where not started or told < revision",
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
    create table municipality (
        code varchar(6) collate "C" not null,
        name text not null,
        kana text not null,
        prefecture text not null,
        type varchar(20) not null,
        japanese_residents integer,
        indices_fiscal_year smallint,
        financial_strength double precision,
        current_balance double precision,
        real_debt_service double precision,
        future_burden double precision,
        head_term_ends date,
        year_round_session boolean default false not null,
        constraint pk_municipality primary key (code)
    )
    """,
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
    create table pursuit (
        id varchar(64) collate "C" not null,
        code varchar(6) collate "C" not null,
        owner varchar(64) not null,
        policy_area varchar(64) not null,
        stage varchar(32) not null,
        status varchar(16) not null,
        next_action_on date,
        state jsonb not null,
        revision integer not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        constraint pk_pursuit primary key (id)
    )
    """,
    "create index ix_pursuit_code on pursuit (code, id)",
    "create index ix_pursuit_owner on pursuit (owner, id)",
    """
    create table subsidy (
        id varchar(64) collate "C" not null,
        version integer not null,
        document jsonb not null,
        constraint pk_subsidy primary key (id)
    )
    """,
)

_TABLES = (
    "feed",
    "subsidy",
    "pursuit",
    "outbox",
    "municipality",
    "idempotency_key",
    "follow",
    "council_session",
    "correction",
    "calendar_phase",
    "calendar_milestone",
    "calendar",
    "audit",
    "announced",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
