"""Assignments of handoffs with what was considered, and the ledgers of rotations.

Revision: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table rotation (
        team_id varchar(64) collate "C" not null,
        role varchar(32) not null,
        ledger jsonb not null,
        constraint pk_rotation primary key (team_id, role)
    )
    """,
    """
    create table assignment (
        handoff_id varchar(64) collate "C" not null,
        attempt integer not null,
        wanted_at timestamptz not null,
        at timestamptz not null,
        demand jsonb not null,
        member_id varchar(64) collate "C",
        basis varchar(16),
        considered jsonb not null,
        released boolean not null,
        constraint pk_assignment primary key (handoff_id, attempt),
        constraint fk_assignment_handoff_id_handoff
            foreign key (handoff_id) references handoff (handoff_id) on delete cascade
    )
    """,
    "create index ix_assignment_at on assignment (at)",
)

_TABLES = ("assignment", "rotation")


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop table {table}")
