"""Many handoffs, by SQL: requested, assigned, accepted, contacted, met and closed."""

from datetime import datetime
from typing import Final

from kakehashi_common.db import Database

FACTS_OF_EACH: Final = 6

_HANDOFFS: Final = """
insert into handoff (
    handoff_id, lead_id, from_role, to_role, version, status, is_open, municipality_code,
    policy_area, grade, complexity, sender, owner, requested_at, ended_at, outcome, state,
    updated_at
)
select
    'h-' || n, 'lead-' || n, 'inside_sales', 'field_sales', 6, 'closed', false, '102032',
    'digital', 'A' || n % 3, 1, 'is-' || n % 20, 'fs-' || n % 40, at, at + interval '30 days',
    case when n % 3 = 0 then 'won' else 'lost' end,
    jsonb_build_object(
        'lead_created_at', at - interval '5 hours',
        'lead_answered_at', at - interval '1 hour',
        'history', (select jsonb_agg(repeat(md5(n::text || i), 4)) from generate_series(1, 20) i)
    ),
    at
from (
    select n, $2::timestamptz - $3::integer * interval '364 days' * n / $1::integer as at
    from generate_series(1, $1) n
) each
"""

_FACTS: Final = """
insert into handoff_fact (handoff_id, version, position, kind, at, recorded_at, round, owner, fact)
select
    handoff_id, step, 0, kind, requested_at + after, requested_at + after, 1,
    case when step > 1 then owner end,
    jsonb_build_object(
        'kind', kind, 'by', 'lead-scoring', 'member_id', owner, 'outcome', outcome,
        'clock', case when kind in ('requested', 'closed') then null else jsonb_build_object(
            'name', 'accept', 'kept', step <> 5, 'started_at', requested_at,
            'stopped_at', requested_at + after, 'due_at', requested_at
        ) end
    )
from handoff, (
    values
        (1, 'requested', interval '0'),
        (2, 'assigned', interval '1 minute'),
        (3, 'accepted', interval '20 hours'),
        (4, 'first_contact_made', interval '45 hours'),
        (5, 'meeting_held', interval '9 days'),
        (6, 'closed', interval '30 days')
) each (step, kind, after)
"""


async def store_many(database: Database, handoffs: int, until: datetime, *, years: int = 1) -> None:
    """Store so many handoffs, spread over the years before an instant."""
    async with database.raw_transaction() as connection:
        await connection.execute(_HANDOFFS, handoffs, until, years)
        await connection.execute(_FACTS)
    async with database.raw_transaction() as connection:
        await connection.execute("analyze handoff, handoff_fact")
