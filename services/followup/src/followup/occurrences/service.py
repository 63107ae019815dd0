"""Notify open sequences of what has happened: at least once, and a repeat changes nothing."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from followup.domain.sequences.commands import React
from followup.domain.sequences.state import SequenceState
from followup.occurrences import repository
from followup.occurrences.mapping import occurrences_of
from followup.occurrences.repository import StoredOccurrence
from followup.playbooks.service import Playbooks
from followup.sequences import repository as sequences
from followup.sequences.repository import PlaybookVersions
from followup.sequences.service import Sequences
from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.db import Database
from kakehashi_common.polling import poll

_AT_ONCE: Final = 100
"""Occurrences of leads that one look takes."""
_PAGE: Final = 500
"""Sequences of a municipality that are read at a time."""
_LEASE: Final = timedelta(minutes=1)
"""After which it is tried again: the process was killed, Temporal away or a workflow stuck."""
_MUNICIPALITIES_AT_ONCE: Final = 100
"""Handled in one pass, one after the other: a phase may begin in all of Japan on one day."""
_LEASE_OF_MUNICIPALITY: Final = timedelta(minutes=10)
"""The same for a municipality, which may have thousands of sequences."""


class Occurrences:
    """Stores what events mean for sequences, and notifies them. Run it as components of a process.

    Args:
        database: where everything is kept.
        playbooks: define which sequences react to a budget phase.
        sequences: are notified.
        clock: gives the present time.
    """

    def __init__(
        self, database: Database, playbooks: Playbooks, sequences: Sequences, clock: Clock
    ) -> None:
        self._database = database
        self._playbooks = playbooks
        self._sequences = sequences
        self._clock = clock

    async def save(self, batch: Sequence[Received[Any]]) -> None:
        """Store what a batch of events means for sequences; what came before changes nothing.

        Raises:
            TransientError: the database is unavailable.
        """
        found = [each for received in batch for each in occurrences_of(received)]
        if found:
            async with self._database.raw_transaction() as connection:
                await repository.save(connection, found, self._clock.now())

    async def run(self, stop: asyncio.Event) -> None:
        """Notify sequences of what happened to their contacts until ``stop`` is set."""
        await poll(stop, self.look, "occurrences wait", full=_AT_ONCE)

    async def run_municipalities(self, stop: asyncio.Event) -> None:
        """Notify sequences of what happened to their municipalities until ``stop`` is set.

        By itself, since a municipality may have thousands of sequences, and no contact waits for
        them.
        """
        await poll(stop, self.look_at_municipalities, "budget phases wait")

    async def look(self) -> int:
        """Notify sequences of what happened to their contacts; return how many there were.

        Raises:
            TransientError: the database or Temporal is unavailable.
        """
        return await self._notify(_AT_ONCE, _LEASE, of_leads=True)

    async def look_at_municipalities(self) -> int:
        """Notify sequences of budget phases of municipalities; return how many there were.

        Raises:
            TransientError: the database or Temporal is unavailable.
        """
        notified = 0
        while notified < _MUNICIPALITIES_AT_ONCE and await self._notify(
            1, _LEASE_OF_MUNICIPALITY, of_leads=False
        ):
            notified += 1
        return notified

    async def _notify(self, limit: int, lease: timedelta, *, of_leads: bool) -> int:
        claimed_until = self._clock.now() + lease
        async with self._database.raw_transaction() as connection:
            claimed = await repository.claim(
                connection, claimed_until - lease, lease, limit, of_leads=of_leads
            )
        for each in claimed:
            if await self._notify_of(each):
                async with self._database.raw_transaction() as connection:
                    await repository.mark_notified(connection, each.occurrence_id, claimed_until)
        return len(claimed)

    async def _notify_of(self, stored: StoredOccurrence) -> bool:
        """Notify all whom it concerns; return whether each knows it now."""
        if stored.lead_id is not None:
            return await self._send(stored, await self._sequences.open_of(stored.lead_id))
        code = stored.municipality_code or ""
        playbooks = await self._reacting_to_phases(code)
        all_know, after = True, ""
        while page := await self._sequences.open_in(code, playbooks, after=after, limit=_PAGE):
            all_know &= await self._send(stored, page)
            after = page[-1].sequence_id
        return all_know

    async def _send(self, stored: StoredOccurrence, open_ones: Sequence[SequenceState]) -> bool:
        message = React(stored.kind, stored.at, stored.by, stored.name, origin=stored.by)
        return await self._sequences.send_to_each(
            [
                (each.sequence_id, message)
                for each in open_ones
                if each.has_news_of(stored.occurrence)
            ]
        )

    async def _reacting_to_phases(self, municipality_code: str) -> PlaybookVersions:
        async with self._database.transaction() as connection:
            return [
                (playbook_id, version)
                for playbook_id, version in await sequences.playbooks_under_way(
                    connection, municipality_code
                )
                if (await self._playbooks.find(connection, playbook_id, version)).reacts_to_phases
            ]
