"""Preview a playbook on recent arrivals: who would have got what, and when."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from followup.answer_rates import AnswerRates
from followup.contacts.audience import as_audience
from followup.domain.contents.ahead import StepContent
from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.walk import Office
from followup.domain.preview import Arrival, Entered, KeptOut, preview
from followup.domain.send_times.answer_rates import Tally
from followup.domain.triggers.reasons import ABOUT_PEOPLE
from followup.playbooks.service import Playbooks
from kakehashi_common.clock import Clock
from kakehashi_common.db import Database, RawConnection, driver_connection
from kakehashi_common.domain.reasons import Audience

MAX_ARRIVALS: Final = 1000
"""Looked at in one preview, the newest; it takes about a second of a processor."""

_ARRIVALS: Final = """
with arrived as (
    select coalesce(reason.lead_id, place.lead_id) as lead_id, reason.occurred_at as at,
        reason.reason ->> 'kind' as reason, null as behaviour, reason.reason_id::text as trigger_id,
        reason.reason ->> 'owner' as owner,
        array(select jsonb_array_elements_text(reason.reason -> 'audience')) as audience,
        reason.reason ->> 'policy_area' as policy_area,
        reason.reason -> 'label' ->> 'ja' as about,
        case when reason.reason ->> 'kind' = any($7::text[]) then reason.lead_id is not null
            or coalesce(reason.reason -> 'lead_ids' ? place.lead_id, false) end as meant
    from reason left join lead_field place on reason.lead_id is null
        and place.name = 'municipality_code' and place.value = reason.municipality_code
    where reason.set_aside is null and reason.occurred_at between $1 and $2
        and reason.reason ->> 'kind' = any($3::text[])
    union all
    select coalesce(seen.lead_id, place.lead_id), seen.seen_at, null, seen.name,
        'behaviour-' || seen.id, null, array[]::text[], null, seen.text_ja, null
    from seen_behaviour seen left join lead_field place on seen.lead_id is null
        and place.name = 'municipality_code' and place.value = seen.municipality_code
    where seen.seen_at between $1 and $2 and seen.name = any($4::text[])
        and (seen.lead_id is not null or seen.lead_ids = '{}'
            or place.lead_id = any(seen.lead_ids))
)
select arrived.*, role.value as role, place.value as municipality_code,
    department.value as department,
    address.value is not null as has_address,
    exists (select from seller where active and seller_id in (arrived.owner, $6)) as has_owner,
    reason <> 'disaster' and exists (
        select from sending_pause where cause = 'disaster' and organisation = place.value
            and since <= arrived.at and (ends is null or ends > arrived.at)
    ) as paused
from arrived
left join lead_field role on role.lead_id = arrived.lead_id and role.name = 'role'
left join lead_field place on place.lead_id = arrived.lead_id and place.name = 'municipality_code'
left join lead_field department on department.lead_id = arrived.lead_id
    and department.name = 'department'
left join lead_field address on address.lead_id = arrived.lead_id and address.name = 'email'
where arrived.lead_id is not null
    and not exists (select from erased_lead where erased_lead.lead_id = arrived.lead_id)
order by arrived.at desc, arrived.lead_id
limit $5
"""

_OTHER_SEQUENCES: Final = """
select lead_id, playbook_id, playbook_version, trigger_id, started_at, ended_at from sequence
where lead_id = any($1::text[]) and playbook_id <> $2
    and started_at < $4 and (ended_at is null or ended_at > $3)
order by sequence_id
"""


@dataclass(frozen=True, slots=True)
class PlaybookPreview:
    """The outcome of a playbook on past arrivals."""

    since: datetime
    found: tuple[Entered | KeptOut, ...]
    """The oldest first."""
    contents: tuple[Sequence[StepContent], ...]
    """For each step of each that entered, in the same order."""
    complete: bool
    """Whether everything that came is in it, not only the newest."""


@dataclass(frozen=True, slots=True)
class _OtherSequence:
    """A contact's sequence of another playbook."""

    lead_id: str
    playbook: Playbook
    trigger_id: str
    started_at: datetime
    ended_at: datetime | None

    def was_under_way(self, at: datetime, trigger_id: str) -> bool:
        """Whether it kept the contact out: it had begun, or begins for the same reason."""
        begun = self.started_at <= at or self.trigger_id == trigger_id
        return begun and (self.ended_at is None or self.ended_at > at)


class ContentPreviewer(Protocol):
    """Chooses the content that the steps of contacts who entered would carry."""

    async def __call__(
        self, connection: RawConnection, playbook: Playbook, entered: Sequence[Entered], /
    ) -> Sequence[Sequence[StepContent]]:
        """Return the content for each step of each of them."""


class Previews:
    """Previews playbooks; nothing is stored or sent."""

    def __init__(
        self,
        database: Database,
        playbooks: Playbooks,
        rates: AnswerRates,
        contents: ContentPreviewer,
        office: Office,
        clock: Clock,
        *,
        default_owner: str | None,
    ) -> None:
        self._database = database
        self._playbooks = playbooks
        self._rates = rates
        self._contents = contents
        self._office = office
        self._clock = clock
        self._default_owner = default_owner

    async def preview(self, document: str, days: int) -> PlaybookPreview:
        """Return who would have entered in the last ``days`` days, and what they would have got.

        It is as if nobody had answered or were suppressed, and as if nobody had entered before. Who
        is kept out is decided as for an entry, by what is known of contacts and sellers now, and by
        the sequences of other playbooks that were under way then, as far as they are still kept.

        Raises:
            PlaybookFileError: it is no playbook.
            TransientError: the database is unavailable.
        """
        playbook = await self._playbooks.read(document)
        tallies = await self._rates.tallies() if playbook.chooses_channels else ()
        now = self._clock.now()
        since = now - timedelta(days=days)
        async with self._database.transaction() as connection:
            raw = await driver_connection(connection)
            rows = await raw.fetch(
                _ARRIVALS,
                since,
                now,
                sorted(playbook.entry.reasons),
                sorted(playbook.entry.behaviours),
                MAX_ARRIVALS + 1,
                self._default_owner,
                sorted(ABOUT_PEOPLE),
            )
            leads = sorted({row["lead_id"] for row in rows})
            others = [
                _OtherSequence(
                    row["lead_id"],
                    await self._playbooks.find(
                        connection, row["playbook_id"], row["playbook_version"]
                    ),
                    row["trigger_id"],
                    row["started_at"],
                    row["ended_at"],
                )
                for row in await raw.fetch(_OTHER_SEQUENCES, leads, playbook.id, since, now)
            ]
        under_way: dict[str, list[_OtherSequence]] = {}
        for other in others:
            under_way.setdefault(other.lead_id, []).append(other)
        arrivals = [_arrival(row, under_way.get(row["lead_id"], [])) for row in rows[:MAX_ARRIVALS]]
        found = await asyncio.to_thread(self._previewed, playbook, arrivals, tallies)
        entered = [each for each in found if isinstance(each, Entered)]
        async with self._database.raw_transaction() as raw:
            contents = await self._contents(raw, playbook, entered)
        return PlaybookPreview(since, found, tuple(contents), complete=len(rows) <= MAX_ARRIVALS)

    def _previewed(
        self, playbook: Playbook, arrivals: list[Arrival], tallies: Sequence[Tally]
    ) -> tuple[Entered | KeptOut, ...]:
        return tuple(preview(playbook, arrivals, self._office, tallies))


def _arrival(row: Any, others: Sequence[_OtherSequence]) -> Arrival:
    return Arrival(
        row["lead_id"],
        as_audience(row["role"], row["municipality_code"], row["policy_area"], row["department"]),
        row["at"],
        row["reason"],
        row["behaviour"],
        frozenset(map(Audience, row["audience"])),
        row["has_address"],
        row["has_owner"],
        tuple(each.playbook for each in others if each.was_under_way(row["at"], row["trigger_id"])),
        row["municipality_code"],
        bool(row["paused"]),
        meant=row["meant"],
        about=row["about"] or "",
    )
