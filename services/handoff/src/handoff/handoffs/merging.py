"""Withdraw handoffs that a merge of two leads has doubled.

What is doubled is read from the tables each time and not stored: so it does not matter whether the
merge or the handoffs came first, nor when a process was killed.
"""

import asyncio
from datetime import timedelta
from typing import Final

import structlog

from handoff.domain.handoff.commands import Withdraw
from handoff.handoffs import repository
from handoff.handoffs.client import HandoffWorkflows
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import OF_ONE, NotFoundError
from kakehashi_common.polling import poll

log = structlog.get_logger(__name__)

BY_MERGE: Final = LEAD_EVENTS.name
"""The author of the withdrawals."""
_EVERY: Final = timedelta(seconds=10)


class DoubledHandoffs:
    """Leaves a merged person one open handoff of a kind. Run it as part of a process.

    Args:
        database: where handoffs and merges are stored.
        workflows: are sent messages.
    """

    def __init__(self, database: Database, workflows: HandoffWorkflows) -> None:
        self._database = database
        self._workflows = workflows

    async def run(self, stop: asyncio.Event) -> None:
        """Withdraw them until ``stop`` is set."""
        await poll(stop, self.look, "doubled handoffs wait", every=_EVERY)

    async def look(self) -> int:
        """Withdraw what is doubled and accepted by nobody; return how many were withdrawn.

        Raises:
            TransientError: the database or Temporal is unavailable.
        """
        async with self._database.transaction() as connection:
            doubled = await repository.doubled_by_merges(connection)
        withdrawn = 0
        for handoff_id, goes_on in doubled:
            reason = f"同じ方についての引き継ぎ（{goes_on}）に一本化"
            message = Withdraw(BY_MERGE, reason, in_favour_of=goes_on, origin=BY_MERGE)
            try:
                await self._workflows.send(handoff_id, message)
            except (NotFoundError, DomainError) as error:  # it has just ended, or was accepted
                log.info("a doubled handoff stays", handoff_id=handoff_id, reason=str(error))
            except OF_ONE as error:  # others go on
                log.warning("a doubled handoff waits", handoff_id=handoff_id, code=error.code)
            else:
                withdrawn += 1
        return withdrawn
