"""Teams, their members and territories.

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
    create table team (
        team_id varchar(64) collate "C" not null,
        name text not null,
        hours jsonb not null,
        lead varchar(64) collate "C",
        manager varchar(64) collate "C",
        constraint pk_team primary key (team_id)
    )
    """,
    """
    create table member (
        member_id varchar(64) collate "C" not null,
        team_id varchar(64) collate "C" not null,
        name text not null,
        roles varchar(64)[] not null,
        functions varchar(64)[] not null,
        skills varchar(64)[] not null,
        capacity integer not null,
        share integer not null,
        hours jsonb,
        active boolean not null,
        constraint pk_member primary key (member_id),
        constraint fk_member_team_id_team foreign key (team_id) references team (team_id),
        constraint ck_member_capacity check (capacity >= 0),
        constraint ck_member_share check (share > 0)
    )
    """,
    "create index ix_member_team_id on member (team_id)",
    """
    create table absence (
        member_id varchar(64) collate "C" not null,
        absence_id varchar(64) collate "C" not null,
        starts timestamptz not null,
        ends timestamptz not null,
        constraint pk_absence primary key (member_id, absence_id),
        constraint fk_absence_member_id_member
            foreign key (member_id) references member (member_id) on delete cascade,
        constraint ck_absence_in_order check (ends > starts)
    )
    """,
    """
    create table territory (
        territory_id varchar(64) collate "C" not null,
        team_id varchar(64) collate "C" not null,
        municipality_codes varchar(64)[] not null,
        prefectures varchar(64)[] not null,
        municipality_types varchar(64)[] not null,
        size_bands varchar(64)[] not null,
        policy_areas varchar(64)[] not null,
        constraint pk_territory primary key (territory_id),
        constraint fk_territory_team_id_team foreign key (team_id) references team (team_id)
    )
    """,
    "create index ix_territory_team_id on territory (team_id)",
)

_TABLES = ("territory", "absence", "member", "team", "audit")


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
