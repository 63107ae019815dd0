"""Sellers, consents, suppressions and pauses of all sending.

Revision: 0008
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table seller (
        seller_id varchar(64) collate "C" not null,
        name text not null,
        email varchar(254) not null,
        signature text not null,
        approver varchar(64) collate "C",
        active boolean not null,
        constraint pk_seller primary key (seller_id)
    )
    """,
    """
    create table consent (
        address varchar(320) not null,
        basis varchar(32) not null,
        obtained_on date not null,
        evidence text not null,
        ended_on date,
        constraint pk_consent primary key (address, basis)
    )
    """,
    """
    create table suppression (
        scope varchar(16) not null,
        value varchar(320) not null,
        cause varchar(16) not null,
        channel varchar(16) not null,
        since timestamptz not null,
        constraint pk_suppression primary key (scope, value)
    )
    """,
    """
    create table sending_pause (
        pause_id varchar(64) collate "C" not null,
        cause varchar(16) not null,
        since timestamptz not null,
        ends timestamptz,
        organisation varchar(64) collate "C",
        constraint pk_sending_pause primary key (pause_id)
    )
    """,
)

_TABLES = (
    "sending_pause",
    "suppression",
    "consent",
    "seller",
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
