"""Store leads and their municipalities, from the events of other services.

Revision: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table municipality_phase (
        municipality_code varchar(6) not null,
        said_at timestamptz not null,
        fiscal_year smallint not null,
        phase text not null,
        label_ja text not null,
        label_en text not null,
        ends_likely_on date not null,
        constraint pk_municipality_phase primary key (municipality_code)
    )
    """,
    """
    create table municipality_milestone (
        municipality_code varchar(6) not null,
        fiscal_year smallint not null,
        milestone text not null,
        said_at timestamptz not null,
        label_ja text not null,
        label_en text not null,
        earliest_on date,
        likely_on date,
        latest_on date,
        constraint pk_municipality_milestone
            primary key (municipality_code, fiscal_year, milestone)
    )
    """,
    """
    create index ix_municipality_milestone_next
        on municipality_milestone (municipality_code, likely_on)
    """,
    """
    create table lead (
        lead_id varchar(128) collate "C" not null,
        first_seen_at timestamptz default now() not null,
        last_activity_at timestamptz,
        last_contact_at timestamptz,
        scored_at timestamptz,
        grade varchar(2),
        fit double precision,
        engagement double precision,
        reasons jsonb,
        score_source text,
        municipality_code varchar(6),
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
    # The other people of a municipality who are involved.
    """
    create index ix_lead_field_municipality on lead_field (value)
        where name = 'municipality_code'
    """,
    """
    create table lead_activity (
        lead_id varchar(128) collate "C" not null,
        event_key uuid not null,
        at timestamptz not null,
        kind varchar(64) not null,
        category varchar(64),
        source text not null,
        constraint pk_lead_activity primary key (lead_id, event_key),
        constraint fk_lead_activity_lead_id_lead
            foreign key (lead_id) references lead (lead_id) on delete cascade
    )
    """,
    """
    create table pursuit (
        pursuit_id varchar(64) collate "C" not null,
        municipality_code varchar(6) not null,
        policy_area varchar(64) not null,
        budgeted boolean not null,
        decided_on date not null,
        said_at timestamptz not null,
        fiscal_year smallint,
        amount_yen bigint,
        proposed_next varchar(64),
        constraint pk_pursuit primary key (pursuit_id)
    )
    """,
    "create index ix_pursuit_municipality_code on pursuit (municipality_code)",
)

_TABLES = (
    "pursuit",
    "lead_activity",
    "lead_field",
    "lead",
    "municipality_milestone",
    "municipality_phase",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
