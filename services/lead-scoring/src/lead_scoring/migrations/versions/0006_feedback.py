"""Store feedback: qualifications with their rules, handoffs' labels, deals.

Revision: 0006
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "create table qualification ("
        ' lead_id varchar(128) collate "C" not null,'
        " number integer not null,"
        ' qualification_id varchar(64) collate "C" not null,'
        " qualified_at timestamptz not null,"
        " grade varchar(2) not null,"
        " fit smallint not null,"
        " engagement smallint not null,"
        " rule_version integer not null,"
        " rules text[] not null,"
        " points smallint[] not null,"
        " constraint pk_qualification primary key (lead_id, number))"
    )
    op.execute("create index ix_qualification_qualified_at on qualification (qualified_at)")
    op.execute(
        "create table handoff_label ("
        ' handoff_id varchar(64) collate "C" not null,'
        ' lead_id varchar(128) collate "C" not null,'
        " from_role varchar(64) not null,"
        " to_role varchar(64) not null,"
        " last_step_at timestamptz not null,"
        ' qualification_id varchar(64) collate "C",'
        " requested_at timestamptz,"
        " accepted_at timestamptz,"
        " rejected_at timestamptz,"
        " reason varchar(64),"
        " consequence varchar(64),"
        " returned_at timestamptz,"
        " recycled_at timestamptz,"
        " contacted_at timestamptz,"
        " met_at timestamptz,"
        " ended_at timestamptz,"
        " ended_as varchar(64),"
        " outcome varchar(16),"
        ' deal_id varchar(64) collate "C",'
        " constraint pk_handoff_label primary key (handoff_id))"
    )
    op.execute("create index ix_handoff_label_lead_id on handoff_label (lead_id)")
    op.execute(
        "create table deal ("
        ' deal_id varchar(64) collate "C" not null,'
        " said_at timestamptz not null,"
        " event_key uuid not null,"
        " outcome varchar(16),"
        " outcome_reason varchar(64),"
        " amount_yen bigint,"
        " constraint pk_deal primary key (deal_id))"
    )


def downgrade() -> None:
    op.execute("drop table deal")
    op.execute("drop table handoff_label")
    op.execute("drop table qualification")
