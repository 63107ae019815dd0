"""Handoffs and their facts, as measures need them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handoff.domain.measures.rounds import KINDS, Entry, Subject
from handoff.domain.teams.members import Role
from kakehashi_common.contracts.municipalities import municipalities
from kakehashi_common.db import RawConnection

BEGINNINGS: Final = ("requested", "woken")
"""The facts with which a round begins."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which handoffs are read: those of which one of these facts happened in this time."""

    kinds: Sequence[str]
    begins: datetime
    ends: datetime
    """The first instant after it."""
    from_role: Role | None = None
    to_role: Role | None = None


_CHOSEN: Final = """
with chosen as materialized (
    select handoff_id from handoff
    where handoff_id in (
        select handoff_id from handoff_fact where kind = any($1) and at >= $2 and at < $3
    )
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
    case when kind = 'escalated' then (fact->>'due_at')::timestamptz end
from chosen join handoff_fact using (handoff_id)
where kind = any($6)
order by handoff_id, version, position
"""


async def subjects(connection: RawConnection, chosen: Chosen) -> list[Subject]:
    """Return what the chosen handoffs are about."""
    places = municipalities()
    found = []
    for row in await connection.fetch(_CHOSEN + _SUBJECTS, *_arguments(chosen)):
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
    rows = await connection.fetch(_CHOSEN + _ENTRIES, *_arguments(chosen), list(KINDS))
    return [Entry(*row) for row in rows]


def _arguments(chosen: Chosen) -> tuple[object, ...]:
    return (
        list(chosen.kinds),
        chosen.begins,
        chosen.ends,
        chosen.from_role,
        chosen.to_role,
    )
