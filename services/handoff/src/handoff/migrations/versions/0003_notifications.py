"""Notifications, how each is delivered, and the webhooks that receive them; members' addresses.

Revision: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_STATEMENTS = (
    "alter table member add column email varchar(254)",
    """
    create table webhook (
        webhook_id varchar(64) collate "C" not null,
        url text not null,
        secrets text[] not null,
        reasons varchar(64)[] not null,
        active boolean not null,
        constraint pk_webhook primary key (webhook_id)
    )
    """,
    """
    create table notification (
        notification_id uuid not null,
        handoff_id varchar(64) collate "C" not null,
        recipient varchar(16) not null,
        about_member_id varchar(64) collate "C",
        of_role varchar(32),
        member_id varchar(64) collate "C",
        reason varchar(32) not null,
        text text not null,
        act_by timestamptz,
        urgent boolean not null,
        created_at timestamptz not null,
        constraint pk_notification primary key (notification_id),
        constraint fk_notification_handoff_id_handoff
            foreign key (handoff_id) references handoff (handoff_id) on delete cascade
    )
    """,
    "create index ix_notification_handoff_id on notification (handoff_id)",
    "create index ix_notification_created_at on notification (created_at, notification_id)",
    "create index ix_notification_member_id on notification (member_id, created_at)",
    """
    create table delivery (
        delivery_id bigint generated always as identity,
        notification_id uuid not null,
        webhook_id varchar(64) collate "C",
        state varchar(16) not null,
        due_at timestamptz not null,
        for_digest boolean not null,
        digest_id uuid,
        released_at timestamptz,
        attempts smallint not null,
        error text,
        delivered_at timestamptz,
        constraint pk_delivery primary key (delivery_id),
        constraint uq_delivery_notification_id_webhook_id
            unique nulls not distinct (notification_id, webhook_id),
        constraint fk_delivery_notification_id_notification
            foreign key (notification_id) references notification (notification_id)
            on delete cascade,
        constraint fk_delivery_webhook_id_webhook
            foreign key (webhook_id) references webhook (webhook_id) on delete cascade
    )
    """,
    # What is left to do is little beside what has been delivered.
    """
    create index ix_delivery_state on delivery (state, webhook_id, due_at)
        where state <> 'delivered'
    """,
    "create index ix_delivery_released_at on delivery (released_at) where webhook_id is null",
    "create index ix_delivery_digest_id on delivery (digest_id) where digest_id is not null",
    "create index ix_delivery_webhook_id on delivery (webhook_id) where webhook_id is not null",
)

_TABLES = ("delivery", "notification", "webhook")


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
    op.execute("alter table member drop column email")
