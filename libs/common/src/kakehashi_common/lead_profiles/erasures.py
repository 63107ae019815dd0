"""Finish erasures where the database can't: in workflows, and in what Temporal keeps of them."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from kakehashi_common.db import Database
from kakehashi_common.errors import OF_ONE
from kakehashi_common.lead_profiles.repository import unsettled
from kakehashi_common.polling import poll

log = structlog.get_logger(__name__)

_AT_ONCE: Final = 100


class Erasures:
    """Settles erased leads, each until it is done. Run it as a component of a process.

    Args:
        database: where leads are marked as erased.
        settle: ends what is under way about a lead, deletes the histories, erases what was written
            until then, and marks the lead as settled; returns ``False`` if Temporal still deletes.
    """

    def __init__(self, database: Database, settle: Callable[[str], Awaitable[bool]]) -> None:
        self._database = database
        self._settle = settle

    async def run(self, stop: asyncio.Event) -> None:
        """Settle what is erased until ``stop`` is set."""
        await poll(stop, self.look, "erasures wait")

    async def look(self) -> int:
        """Settle what is erased, and return of how many leads that is done.

        Raises:
            TransientError: the database or Temporal is unavailable.
        """
        async with self._database.raw_transaction() as connection:
            lead_ids = await unsettled(connection, _AT_ONCE)
        settled = 0
        for lead_id in lead_ids:
            try:
                settled += await self._settle(lead_id)
            except OF_ONE as error:  # others go on
                log.warning("an erasure waits", lead_id=lead_id, code=error.code)
        return settled
