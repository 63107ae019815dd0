"""Store customers' usage of what they bought.

Revision: 0039
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table usage (
            municipality_code varchar(6) not null,
            contract_id varchar(64) collate "C" not null,
            metric varchar(64) collate "C" not null,
            ends date not null,
            begins date not null,
            value bigint not null,
            licensed_users integer,
            active_users integer,
            source text,
            owner varchar(64),
            said_at timestamptz not null,
            primary key (municipality_code, contract_id, metric, ends)
        )
        """
    )
    op.execute(
        """
        create table usage_series (
            municipality_code varchar(6) not null,
            contract_id varchar(64) collate "C" not null,
            metric varchar(64) collate "C" not null,
            fell_on date,
            primary key (municipality_code, contract_id, metric)
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table usage, usage_series")
