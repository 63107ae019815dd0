"""Query the phase and the next milestones of all followed municipalities.

On plain asyncpg: the answer holds a row for each municipality of Japan, and SQLAlchemy's rows would
cost more than the statement.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from kakehashi_common.db import RawConnection


@dataclass(frozen=True, slots=True)
class NextMilestone:
    """The next milestone of the kinds asked for."""

    key: str
    earliest: date
    likely: date
    latest: date
    basis: str


@dataclass(frozen=True, slots=True)
class MunicipalityStatus:
    """A municipality's phase on a day, and its next milestone."""

    code: str
    fiscal_year: int
    phase: str
    phase_begins: date
    phase_ends: date
    phase_basis: str
    next: NextMilestone | None


@dataclass(frozen=True, slots=True)
class UpcomingMilestone:
    """One milestone of one municipality."""

    code: str
    fiscal_year: int
    key: str
    earliest: date
    likely: date
    latest: date
    basis: str
    source: str
    confidence: float


Place = tuple[date, str, int, str]
"""Where a list of milestones goes on: behind this likely day, code, fiscal year and key."""

_STANDINGS: Final = """
    select f.code, p.fiscal_year, p.phase, p.begins, p.ends, p.basis,
           n.key, n.earliest, n.likely, n.latest, n.basis
    from follow f
    join calendar_phase p on p.code = f.code and p.begins <= $1 and p.ends >= $1
    left join lateral (
        select m.key, m.earliest, m.likely, m.latest, m.basis
        from calendar_milestone m
        where m.code = f.code and m.likely >= $1 and m.kind = any($2)
        order by m.likely, m.key
        limit 1
    ) n on true
    order by f.code
"""

_UPCOMING: Final = """
    select m.code, m.fiscal_year, m.key, m.earliest, m.likely, m.latest, m.basis, m.source,
           m.confidence
    from calendar_milestone m
    join follow f on f.code = m.code
    where m.likely between $1 and $2
      and ($3::text[] is null or m.kind = any($3))
      and ($4::text[] is null or m.code = any($4))
      and ($5::date is null or (m.likely, m.code, m.fiscal_year, m.key) > ($5, $6, $7, $8))
    order by m.likely, m.code, m.fiscal_year, m.key
    limit $9
"""


async def list_statuses(
    connection: RawConnection, day: date, kinds: Sequence[str]
) -> list[MunicipalityStatus]:
    """Return the status of every followed municipality on ``day``, by code.

    Municipalities without a stored calendar of that day's year are left out. ``kinds`` are the
    kinds of milestones of which the next one, from ``day`` on, is shown.
    """
    return [_standing(*row) for row in await connection.fetch(_STANDINGS, day, list(kinds))]


async def list_followed(connection: RawConnection) -> list[str]:
    """The codes of all followed municipalities."""
    return [row[0] for row in await connection.fetch("select code from follow")]


async def list_upcoming(
    connection: RawConnection,
    *,
    first: date,
    last: date,
    kinds: Sequence[str] | None,
    codes: Sequence[str] | None,
    after: Place | None,
    limit: int,
) -> list[UpcomingMilestone]:
    """Milestones of followed municipalities that likely fall between two days, from the next on."""
    rows = await connection.fetch(
        _UPCOMING, first, last, kinds, codes, *(after or (None, None, None, None)), limit
    )
    return [UpcomingMilestone(*row) for row in rows]


def _standing(
    code: str,
    fiscal_year: int,
    phase: str,
    begins: date,
    ends: date,
    basis: str,
    *coming: Any,
) -> MunicipalityStatus:
    following = None if coming[0] is None else NextMilestone(*coming)
    return MunicipalityStatus(code, fiscal_year, phase, begins, ends, basis, following)
