"""Wake recycled handoffs once the budget phase that they rest until has begun.

That they are to wake is stored with the event and passed on afterwards, to each by itself: one
whose workflow is stuck or busy holds up no other, nor the events behind it.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import structlog

from handoff.domain.handoff.commands import PhaseEntered
from handoff.handoffs import repository
from handoff.handoffs.client import HandoffWorkflows
from handoff.handoffs.repository import DueWake
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts import budget_phases
from kakehashi_common.contracts.topics import BUDGET_PHASES
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import OF_ONE, NotFoundError
from kakehashi_common.polling import poll
from kakehashi_common.temporal.fan_out import for_each_workflow

log = structlog.get_logger(__name__)

AT_ONCE: Final = 100
"""Handoffs that one look wakes."""
_LEASE: Final = timedelta(minutes=1)
"""After which it is tried again: the process was killed, Temporal away or a workflow stuck."""


class Waking:
    """Stores which recycled handoffs are to wake, and wakes them. Run it as part of a process.

    Args:
        database: where it is stored.
        workflows: are sent messages.
    """

    def __init__(self, database: Database, workflows: HandoffWorkflows) -> None:
        self._database = database
        self._workflows = workflows

    async def save(self, batch: Sequence[Received[Any]]) -> None:
        """Store whom the phases in a batch of events wake; again changes nothing.

        Raises:
            TransientError: the database is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            for received in batch:
                data = received.event.data
                if isinstance(data, budget_phases.PhaseEntered):
                    source = received.event.source
                    await repository.save_wakes(
                        connection,
                        data.municipality_code,
                        data.phase,
                        data.begins.likely,
                        by=source.rpartition("/")[2] or source,
                    )

    async def run(self, stop: asyncio.Event) -> None:
        """Wake handoffs until ``stop`` is set."""
        await poll(stop, self.look, "recycled handoffs wait", full=AT_ONCE)

    async def look(self) -> int:
        """Wake handoffs that are due; return how many were tried.

        Raises:
            TransientError: the database or Temporal is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            due = await repository.claim_wakes(connection, _LEASE, AT_ONCE)
        await for_each_workflow(due, self._wake)
        return len(due)

    async def _wake(self, due: DueWake) -> None:
        entered = PhaseEntered(due.phase, due.began_on, due.by, origin=BUDGET_PHASES.name)
        try:
            with suppress(NotFoundError, DomainError):  # it has ended, or was terminated
                await self._workflows.send(due.handoff_id, entered)
        except OF_ONE as error:
            log.warning("a handoff is not woken yet", handoff_id=due.handoff_id, code=error.code)
            return
        async with self._database.raw_transaction() as connection:
            await repository.delete_wake(connection, due)
