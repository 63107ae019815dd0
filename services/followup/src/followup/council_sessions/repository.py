"""Days of council sessions as rows: of each, what was said last."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Final

from followup.domain.send_policy.quiet_periods import QuietCause, QuietPeriod
from kakehashi_common.db import RawConnection
from kakehashi_common.reads import Read

OPENS: Final = "session_opens"
VOTES: Final = "session_vote"


@dataclass(frozen=True, slots=True)
class CouncilDay:
    """The day on which a regular session opens, or votes for the last time."""

    municipality_code: str
    fiscal_year: int
    session: int
    """Its number in the calendar year: 1 is the one of spring."""
    milestone: str
    """As budget-calendar names it, without the number."""
    day: date | None
    """``None``: it fell away."""
    said_at: datetime


async def save(connection: RawConnection, days: Iterable[CouncilDay]) -> None:
    """Store what is newer than what is known.

    In one order, so that two consumers wait for each other and never deadlock.
    """
    await connection.executemany(
        "insert into council_day as known "
        "(municipality_code, fiscal_year, session, milestone, day, said_at) "
        "values ($1, $2, $3, $4, $5, $6) "
        "on conflict (municipality_code, fiscal_year, session, milestone) do update set "
        "day = excluded.day, said_at = excluded.said_at where known.said_at < excluded.said_at",
        sorted(map(astuple, days), key=lambda row: (row[:4], row[5])),
    )


def quiet_periods(municipality_code: str | None, today: date) -> Read[tuple[QuietPeriod, ...]]:
    """Read the sessions of a municipality's council that are not over, the next first."""
    return Read(
        "select opens.day as first, votes.day as last from council_day opens "
        "join council_day votes using (municipality_code, fiscal_year, session) "
        "where municipality_code = $1 and opens.milestone = $3 and votes.milestone = $4 "
        "and votes.day >= greatest($2, opens.day) order by first",
        [municipality_code, today, OPENS, VOTES],
        lambda rows: tuple(QuietPeriod(QuietCause.COUNCIL, first, last) for first, last in rows),
    )
