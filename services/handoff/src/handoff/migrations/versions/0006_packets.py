"""Packets: what people entered, and the verdicts of the receiving side.

Revision: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = (
    """
    create table packet (
        handoff_id varchar(64) collate "C" not null,
        version integer not null,
        entries jsonb not null,
        constraint pk_packet primary key (handoff_id),
        constraint fk_packet_handoff_id_handoff
            foreign key (handoff_id) references handoff (handoff_id) on delete cascade
    )
    """,
    # The text itself is not kept: a verdict says nothing of a person.
    """
    create table packet_verdict (
        handoff_id varchar(64) collate "C" not null,
        field varchar(32) not null,
        digest varchar(32) not null,
        verdict varchar(16) not null,
        by varchar(255) not null,
        at timestamptz not null,
        source text not null,
        entered_by_person boolean not null,
        constraint pk_packet_verdict primary key (handoff_id, field, digest),
        constraint fk_packet_verdict_handoff_id_handoff
            foreign key (handoff_id) references handoff (handoff_id) on delete cascade
    )
    """,
)


def upgrade() -> None:
    for statement in _STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("drop table packet_verdict")
    op.execute("drop table packet")
