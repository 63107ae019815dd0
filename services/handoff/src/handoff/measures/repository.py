"""Handoffs and their facts, as measures need them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handoff.domain.handoff.terms import Direction
from handoff.domain.measures.agenda import LOW, Rated, Rest, Waiting
from handoff.domain.measures.rounds import KINDS, Entry, Subject
from handoff.domain.teams.members import Role
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.db import RawConnection
from kakehashi_common.domain.weeks import Week

BEGINNINGS: Final = ("requested", "woken")
"""The facts with which a round begins."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The handoffs to read: those with one of these facts in this time."""

    kinds: Sequence[str]
    begins: datetime
    ends: datetime
    """The first instant after it."""
    from_role: Role | None = None
    to_role: Role | None = None
    or_open: bool = False
    """Or those that are open."""


RATED: Final = "rated"

_HAPPENED: Final = """
select handoff_id from handoff_fact where kind = any($1) and at >= $2 and at < $3
"""
_OR_OPEN: Final = """
union select handoff_id from handoff where is_open
"""
_CHOSEN: Final = """
with chosen as materialized (
    select handoff_id from handoff
    where handoff_id in ({})
    and ($4::text is null or from_role = $4)
    and ($5::text is null or to_role = $5)
)
"""

_SUBJECTS: Final = """
select
    handoff_id,
    sender,
    grade,
    policy_area,
    municipality_code,
    (state->>'lead_created_at')::timestamptz,
    (state->>'lead_answered_at')::timestamptz
from chosen join handoff using (handoff_id)
"""

# Of free text, such as why somebody withdrew it, nothing is read.
_ENTRIES: Final = """
select
    handoff_id,
    round,
    kind,
    at,
    owner,
    case
        when kind = 'requested' then fact->>'by'
        when kind in ('rejected', 'reassigned') then fact->>'reason'
        when kind = 'escalated' then fact->>'clock'
        when kind = 'closed' then fact->>'outcome'
    end,
    (fact->'clock'->>'kept')::boolean,
    (case when kind = 'escalated' then fact else fact->'clock' end->>'due_at')::timestamptz
from chosen join handoff_fact using (handoff_id)
where kind = any($6)
order by handoff_id, version, position
"""


async def subjects(connection: RawConnection, chosen: Chosen) -> list[Subject]:
    """Return what the chosen handoffs are about."""
    places = municipalities()
    found = []
    for row in await connection.fetch(_of(chosen, _SUBJECTS), *_arguments(chosen)):
        handoff_id, sender, grade, policy_area, code, created_at, answered_at = row
        place = places.get(code)
        found.append(
            Subject(
                handoff_id,
                sender,
                grade,
                policy_area,
                code,
                code and code[:2],
                place.kind if place else None,
                created_at,
                answered_at,
            )
        )
    return found


async def entries(connection: RawConnection, chosen: Chosen) -> list[Entry]:
    """Return the facts of the chosen handoffs, all from their beginning on and in order."""
    rows = await connection.fetch(_of(chosen, _ENTRIES), *_arguments(chosen), list(KINDS))
    return [Entry(*row) for row in rows]


_WAITING: Final = """
select
    handoff_id,
    (state->'recycle'->>'until')::date,
    state->'recycle'->>'phase',
    case when status = 'returned' then state->>'missing_facts' end
from handoff
where is_open
"""

_LOW_RATINGS: Final = """
select * from (
    select distinct on (handoff_id, fact->>'direction')
        handoff_id,
        owner,
        at,
        fact->>'by',
        fact->>'direction',
        (fact->>'score')::integer as score,
        fact->>'reason'
    from handoff_fact
    where kind = 'rated' and at >= $1 and at < $2
    order by handoff_id, fact->>'direction', version desc
) newest
where score <= $3
order by at
"""


async def waiting(connection: RawConnection) -> dict[str, Waiting]:
    """Return what open handoffs wait for, by id."""
    found = {}
    for handoff_id, until, phase, missing_facts in await connection.fetch(_WAITING):
        rest = None if until is None else Rest(until, phase)
        missing = () if missing_facts is None else tuple(json.loads(missing_facts))
        found[handoff_id] = Waiting(rest, missing)
    return found


async def low_ratings(
    connection: RawConnection, subjects: Mapping[str, Subject], week: Week
) -> list[Rated]:
    """Return the low ratings of a week, each as it was changed last in it."""
    rows = await connection.fetch(_LOW_RATINGS, week.begins, week.ends, LOW)
    return [
        Rated(subjects[handoff_id], owner, at, by, Direction(direction), score, reason)
        for handoff_id, owner, at, by, direction, score, reason in rows
        if handoff_id in subjects
    ]


def _of(chosen: Chosen, query: str) -> str:
    return _CHOSEN.format(_HAPPENED + _OR_OPEN if chosen.or_open else _HAPPENED) + query


def _arguments(chosen: Chosen) -> tuple[object, ...]:
    return (
        list(chosen.kinds),
        chosen.begins,
        chosen.ends,
        chosen.from_role,
        chosen.to_role,
    )
