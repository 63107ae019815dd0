"""How often mails were answered: what the hours of sending are learnt from."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from followup.domain.send_times.answer_rates import ANSWERED_WITHIN, Tally
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, RawConnection

_LOOKS_BACK: Final = timedelta(days=365)
_AT_MOST: Final = 100_000
"""Mails that are counted, the newest: a full year at the usual cap."""
_COUNTED_EVERY: Final = timedelta(hours=1)


class AnswerRates:
    """Counts the mails of the last year and their answers, again each hour.

    Args:
        database: where mails are kept.
        clock: gives the present time.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._counting = asyncio.Lock()
        self._counted_at: datetime | None = None
        self._tallies: tuple[Tally, ...] = ()

    async def tallies(self) -> tuple[Tally, ...]:
        """Return the mails and answers of each role, occasion, weekday and hour.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._counting:
            now = self._clock.now()
            if self._counted_at is None or now >= self._counted_at + _COUNTED_EVERY:
                async with self._database.raw_transaction() as connection:
                    self._tallies = await _count(connection, now)
                self._counted_at = now
            return self._tallies


async def _count(connection: RawConnection, now: datetime) -> tuple[Tally, ...]:
    """Count mails that are old enough for their answer to have come."""
    rows = await connection.fetch(
        "select role, occasion, extract(isodow from sent_at)::int - 1 as weekday, "
        "extract(hour from sent_at)::int as hour, count(*) as contacts, "
        "count(*) filter (where answered_at <= claimed_at + $3) as answered from ("
        "select role, occasion, claimed_at, answered_at, "
        "claimed_at at time zone 'Asia/Tokyo' as sent_at from mail_attempt "
        "where state = 'accepted' and claimed_at > $1 and claimed_at <= $2 "
        "order by claimed_at desc limit $4) newest "
        "where role is not null and occasion is not null group by 1, 2, 3, 4",
        now - _LOOKS_BACK,
        now - ANSWERED_WITHIN,
        ANSWERED_WITHIN,
        _AT_MOST,
    )
    return tuple(
        Tally(
            row["role"],
            row["occasion"],
            row["weekday"],
            row["hour"],
            row["contacts"],
            row["answered"],
        )
        for row in rows
    )
