"""Preview a playbook on what came in lately: who would have got what, and when."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from followup.contacts.audience import as_audience
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.preview import Arrival, Entered, KeptOut, preview
from followup.domain.playbooks.walk import Office
from followup.playbooks.reading import read_playbook
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database

MAX_ARRIVALS: Final = 1000
"""Looked at in one preview, the newest; it takes about a second of a processor."""
HORIZON: Final = timedelta(days=550)
"""How far each sequence is looked at: a contract's renewal begins 18 months ahead."""

_ARRIVALS: Final = """
with arrived as (
    select coalesce(reason.lead_id, place.lead_id) as lead_id, reason.occurred_at as at,
        reason.reason ->> 'kind' as reason, null as behaviour
    from reason left join lead_field place on reason.lead_id is null
        and place.name = 'municipality_code' and place.value = reason.municipality_code
    where reason.set_aside is null and reason.occurred_at between $1 and $2
        and reason.reason ->> 'kind' = any($3::text[])
    union all
    select coalesce(seen.lead_id, place.lead_id), seen.seen_at, null, seen.name
    from seen_behaviour seen left join lead_field place on seen.lead_id is null
        and place.name = 'municipality_code' and place.value = seen.municipality_code
    where seen.seen_at between $1 and $2 and seen.name = any($4::text[])
)
select arrived.*, role.value as role, place.value as municipality_code
from arrived
left join lead_field role on role.lead_id = arrived.lead_id and role.name = 'role'
left join lead_field place on place.lead_id = arrived.lead_id and place.name = 'municipality_code'
where arrived.lead_id is not null
    and not exists (select from erased_lead where erased_lead.lead_id = arrived.lead_id)
order by arrived.at desc, arrived.lead_id
limit $5
"""


@dataclass(frozen=True, slots=True)
class PlaybookPreview:
    """What a playbook would have done."""

    since: datetime
    found: tuple[Entered | KeptOut, ...]
    """The oldest first."""
    complete: bool
    """Whether everything that came is in it, not only the newest."""


class Previews:
    """Previews playbooks; nothing is stored or sent."""

    def __init__(self, database: Database, limits: Limits, office: Office, clock: Clock) -> None:
        self._database = database
        self._limits = limits
        self._office = office
        self._clock = clock

    async def preview(self, document: str, days: int) -> PlaybookPreview:
        """Say who would have entered in the last ``days`` days, and what they would have got.

        It is as if nobody had answered, and as if nobody had entered before.

        Raises:
            PlaybookFileError: it is no playbook.
            TransientError: the database is away.
        """
        playbook = await asyncio.to_thread(read_playbook, document, self._limits)
        now = self._clock.now()
        since = now - timedelta(days=days)
        async with self._database.raw_transaction() as connection:
            rows = await connection.fetch(
                _ARRIVALS,
                since,
                now,
                sorted(playbook.entry.reasons),
                sorted(playbook.entry.behaviours),
                MAX_ARRIVALS + 1,
            )
        arrivals = [_arrival(row) for row in rows[:MAX_ARRIVALS]]
        found = await asyncio.to_thread(self._previewed, playbook, arrivals)
        return PlaybookPreview(since, found, complete=len(rows) <= MAX_ARRIVALS)

    def _previewed(
        self, playbook: Playbook, arrivals: list[Arrival]
    ) -> tuple[Entered | KeptOut, ...]:
        return tuple(preview(playbook, arrivals, self._office, HORIZON))


def _arrival(row: Any) -> Arrival:
    contact = as_audience(row["role"], row["municipality_code"])
    return Arrival(row["lead_id"], contact, row["at"], row["reason"], row["behaviour"])
