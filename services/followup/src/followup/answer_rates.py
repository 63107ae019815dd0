"""Rates at which contacts answered or were reached, from which hours and channels are learnt."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

from followup.domain.playbooks.steps import Channel
from followup.domain.send_times.answer_rates import ANSWERED_WITHIN, Tally
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, RawConnection

_LOOKS_BACK: Final = timedelta(days=365)
_AT_MOST: Final = 100_000
"""Mails that are counted, the newest, and calls and letters: a full year at the usual cap."""
_COUNTED_EVERY: Final = timedelta(hours=1)


class AnswerRates:
    """Counts the mails, calls and letters of the last year and their answers, again each hour.

    Args:
        database: where mails and tasks are kept.
        clock: gives the present time.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._counting = asyncio.Lock()
        self._counted_at: datetime | None = None
        self._tallies: tuple[Tally, ...] = ()
        self._calls: tuple[Tally, ...] = ()

    async def tallies(self) -> tuple[Tally, ...]:
        """Return the contacts and answers of each channel, role, occasion, weekday and hour.

        Raises:
            TransientError: the database is unavailable.
        """
        await self._count()
        return self._tallies

    async def calls(self) -> tuple[Tally, ...]:
        """Return the calls of each role, weekday and hour, and how many of them reached somebody.

        Raises:
            TransientError: the database is unavailable.
        """
        await self._count()
        return self._calls

    async def _count(self) -> None:
        async with self._counting:
            now = self._clock.now()
            if self._counted_at is None or now >= self._counted_at + _COUNTED_EVERY:
                async with self._database.raw_transaction() as connection:
                    self._tallies = await _count(connection, now)
                    self._calls = await _count_calls(connection, now)
                self._counted_at = now


_COUNTS: Final = """
with mailed as (
    select role, occasion, claimed_at as at, answered_at
    from mail_attempt
    where state = 'accepted' and claimed_at > $1 and claimed_at <= $2
    order by claimed_at desc limit $4
),
done as (
    select
        role.value as role,
        sequence.state ->> 'reason' as occasion,
        task.kind,
        task.closed_at as at,
        task.sequence_id
    from task
    join sequence using (sequence_id)
    left join merged_lead on merged_lead.lead_id = task.lead_id
    left join lead_field role
        on role.lead_id = coalesce(survivor, task.lead_id) and role.name = 'role'
    where task.status = 'done' and task.kind in ('call_task', 'letter_task')
        and task.closed_at > $1 and task.closed_at <= $2
    order by task.closed_at desc limit $4
),
contacted as (
    select 'mail' as channel, role, occasion, at, answered_at from mailed
    union all
    select kind, role, occasion, done.at, reacted.at from done
    cross join lateral (
        select min(fact.at) as at from sequence_fact fact
        where fact.sequence_id = done.sequence_id
            and fact.kind = 'occurred'
            and fact.fact ->> 'occurrence' in ('answered', 'negative', 'meeting_booked')
            and fact.at >= done.at and fact.at <= done.at + $3
            and not exists (
                select from sequence_fact other
                where other.sequence_id = done.sequence_id
                    and other.kind in ('sent', 'task_completed')
                    and other.at > done.at and other.at <= fact.at
            )
    ) reacted
)
select
    channel, role, occasion,
    extract(isodow from at at time zone 'Asia/Tokyo')::int - 1 as weekday,
    extract(hour from at at time zone 'Asia/Tokyo')::int as hour,
    count(*) as contacts,
    count(*) filter (where answered_at <= at + $3::interval) as answered
from contacted
where role is not null and occasion is not null
group by 1, 2, 3, 4, 5
"""
"""Contacts between $1 and $2, at most $4 of each table, that were answered within $3.

What somebody said at a call, or did after a call or letter, is an occurrence of the sequence; it
belongs to the last contact before it.
"""


async def _count(connection: RawConnection, now: datetime) -> tuple[Tally, ...]:
    """Count contacts that are old enough for their answer to have come."""
    rows = await connection.fetch(
        _COUNTS, now - _LOOKS_BACK, now - ANSWERED_WITHIN, ANSWERED_WITHIN, _AT_MOST
    )
    return tuple(_tally(row) for row in rows)


_CALLS: Final = """
with called as (
    select coalesce(recipient_lead_id, lead_id) as lead_id, closed_at as at,
        outcome <> 'not_reached' as reached
    from task
    where kind = 'call_task' and status = 'done' and closed_at > $1 and closed_at <= $2
    union all
    select lead_id, called_at, reached from seller_call
    where called_at > $1 and called_at <= $2
),
once as (
    select lead_id, date_trunc('hour', called.at) as called_at, bool_or(reached) as reached
    from called group by 1, 2 order by 2 desc limit $3
)
select
    'call_task' as channel, role.value as role, '' as occasion,
    extract(isodow from called_at at time zone 'Asia/Tokyo')::int - 1 as weekday,
    extract(hour from called_at at time zone 'Asia/Tokyo')::int as hour,
    count(*) as contacts,
    count(*) filter (where reached) as answered
from once
left join merged_lead using (lead_id)
join lead_field role
    on role.lead_id = coalesce(survivor, once.lead_id) and role.name = 'role'
where role.value is not null
group by 2, 4, 5
"""
"""Calls between $1 and $2, at most $3, the newest.

A task and a CRM may report the same call: reports about one contact within an hour are one call.
"""


async def _count_calls(connection: RawConnection, now: datetime) -> tuple[Tally, ...]:
    rows = await connection.fetch(_CALLS, now - _LOOKS_BACK, now, _AT_MOST)
    return tuple(_tally(row) for row in rows)


def _tally(row: Any) -> Tally:
    return Tally(
        Channel(row["channel"]),
        row["role"],
        row["occasion"],
        row["weekday"],
        row["hour"],
        row["contacts"],
        row["answered"],
    )
