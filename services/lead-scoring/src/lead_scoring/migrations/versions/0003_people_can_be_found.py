"""People can be found by mail, telephone and name, and kept out after their data were erased.

Revision: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The same expressions as lead_scoring.tables.COMPARABLE: a test compares them.
_INDEXES = {
    "email": "lower(btrim(normalize(email, NFKC)))",
    "phone": "regexp_replace(regexp_replace(regexp_replace(normalize(phone, NFKC), "
    r"'(内線|ext).*$', '', 'i'), '^\s*\+81[\s-]*\(?0?\)?', '0'), '[^0-9]', '', 'g')",
    "person_name": r"regexp_replace(normalize(person_name, NFKC), '\s', '', 'g')",
}


def upgrade() -> None:
    for column, comparable in _INDEXES.items():
        op.execute(
            f"create index ix_lead_profile_{column} on lead_profile (({comparable})) "
            f"where {column} is not null"
        )
    op.execute(
        "create table suppression ("
        " digest bytea primary key,"
        " since timestamptz not null default now())"
    )


def downgrade() -> None:
    op.execute("drop table suppression")
    for column in _INDEXES:
        op.execute(f"drop index ix_lead_profile_{column}")
