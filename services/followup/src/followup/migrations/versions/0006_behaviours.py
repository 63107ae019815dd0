"""Store observations of leads and municipalities, and the behaviours that were seen.

Revision: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "alter table reason add column handled_at timestamptz",
    """
    create index ix_reason_pending on reason (good_from)
        where set_aside is null and handled_at is null
    """,
    """
    create table watched_person (
        lead_id varchar(128) collate "C" not null,
        state jsonb default '{}' not null,
        seen text[] default '{}' not null,
        look_at timestamptz,
        constraint pk_watched_person primary key (lead_id)
    )
    """,
    "create index ix_watched_person_look_at on watched_person (look_at)",
    """
    create table watched_organisation (
        municipality_code varchar(6) not null,
        state jsonb default '{}' not null,
        seen text[] default '{}' not null,
        constraint pk_watched_organisation primary key (municipality_code)
    )
    """,
    """
    create table seen_behaviour (
        id bigint generated always as identity,
        name varchar(64) not null,
        seen_at timestamptz not null,
        lead_id varchar(128) collate "C",
        municipality_code varchar(6),
        lead_ids text[] not null,
        importance smallint not null,
        urgent boolean not null,
        text_ja text not null,
        text_en text not null,
        handled_at timestamptz,
        constraint pk_seen_behaviour primary key (id)
    )
    """,
    "create index ix_seen_behaviour_lead_id on seen_behaviour (lead_id)",
    "create index ix_seen_behaviour_municipality_code on seen_behaviour (municipality_code)",
    "create index ix_seen_behaviour_pending on seen_behaviour (id) where handled_at is null",
)

_TABLES = (
    "seen_behaviour",
    "watched_organisation",
    "watched_person",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
    op.execute("alter table reason drop column handled_at")
