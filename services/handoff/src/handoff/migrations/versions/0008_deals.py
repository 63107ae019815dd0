"""Deals and sellers' activities.

Revision: 0008
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table deal (
        deal_id varchar(64) collate "C" not null,
        said_at timestamptz not null,
        event_key uuid not null,
        decided_at timestamptz,
        stage varchar(32) not null,
        municipality_code varchar(6),
        lead_ids varchar(128)[] collate "C" not null,
        product varchar(64),
        amount_yen bigint,
        owner varchar(64) collate "C",
        competitors text[] not null,
        budget_ceiling_yen bigint,
        expected_close_on date,
        pursuit_id varchar(64) collate "C",
        outcome varchar(16),
        outcome_reason varchar(64),
        constraint pk_deal primary key (deal_id)
    )
    """,
    "create index ix_deal_municipality_code on deal (municipality_code)",
    "create index ix_deal_owner on deal (owner)",
    "create index ix_deal_lead_ids on deal using gin (lead_ids)",
    """
    create table seller_activity (
        activity_id varchar(64) collate "C" not null,
        at timestamptz not null,
        member_id varchar(64) collate "C" not null,
        role varchar(32) not null,
        kind varchar(16) not null,
        reached boolean,
        outcome varchar(64),
        minutes integer,
        lead_id varchar(128) collate "C",
        deal_id varchar(64) collate "C",
        municipality_code varchar(6),
        event_key uuid not null,
        event_keys uuid[] not null,
        examined boolean not null,
        handoff_id varchar(64) collate "C",
        recognised_as varchar(32),
        refusal_code varchar(64),
        refusal text,
        constraint pk_seller_activity primary key (activity_id)
    )
    """,
    "create index ix_seller_activity_member_id on seller_activity (member_id, at)",
    "create index ix_seller_activity_lead_id on seller_activity (lead_id, at)",
    "create index ix_seller_activity_deal_id on seller_activity (deal_id, at)",
)

_TABLES = ("seller_activity", "deal")


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
