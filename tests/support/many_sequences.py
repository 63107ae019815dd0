"""Many sequences, by SQL: two mails each, some answered, some refused, the last ones now."""

from datetime import datetime
from typing import Final

from kakehashi_common.db import Database

FACTS_OF_EACH: Final = 8

_SEQUENCES: Final = """
insert into sequence (
    sequence_id, playbook_id, playbook_version, lead_id, trigger_id, municipality_code, version,
    status, is_open, is_paused, started_at, ended_at, state, updated_at
)
select
    'sq-' || n, 'playbook-' || n % 16, 1, 'lead-' || n, 'trigger-' || n, '102032', 8, 'completed',
    false, false, at, at + interval '20 days', '{}', at
from (
    select n, $2::timestamptz - $3::integer * interval '364 days' * n / $1::integer as at
    from generate_series(1, $1) n
) each
"""

_FACTS: Final = """
insert into sequence_fact (sequence_id, version, position, kind, at, recorded_at, fact)
select
    sequence_id, number, 0, kind, started_at + after, started_at + after,
    jsonb_build_object('kind', kind, 'at', started_at + after) || fact
    || case when kind = 'sent' then jsonb_build_object(
        'message_id', '<' || sequence_id || '.' || number || '@example.jp>', 'role', 'officer',
        'variant', case when substr(sequence_id, 4)::integer % 2 = 0 then 'a' else 'b' end
    ) else '{}' end
from sequence, (
    values
        (1, 'started', interval '0', '{}'::jsonb),
        (2, 'approval_requested', interval '1 minute', '{"step_id": "first"}'),
        (3, 'approved', interval '1 hour', '{"step_id": "first"}'),
        (4, 'scheduled', interval '1 hour', '{"step_id": "first"}'),
        (5, 'sent', interval '2 hours', '{"step_id": "first"}'),
        (6, 'scheduled', interval '6 days', '{"step_id": "second"}'),
        (7, 'sent', interval '7 days', '{"step_id": "second"}'),
        (8, 'occurred', interval '9 days', '{"occurrence": "answered"}')
) each (number, kind, after, fact)
"""


async def store_many(
    database: Database, sequences: int, until: datetime, *, years: int = 1
) -> None:
    """Store so many sequences that have ended, spread over the years before an instant."""
    async with database.raw_transaction() as connection:
        await connection.execute(_SEQUENCES, sequences, until, years)
        await connection.execute(_FACTS)
    async with database.raw_transaction() as connection:
        await connection.execute("analyze sequence, sequence_fact")
