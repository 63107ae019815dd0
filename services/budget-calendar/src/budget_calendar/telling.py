"""See that every pursuit knows of the revisions of its municipality's calendars."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

from budget_calendar.repository import pursuits
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError

log = structlog.get_logger(__name__)

TOLD_AT_ONCE: Final = 100
"""Workflows reached between two notes of it in the database."""

TellPursuits = Callable[[Sequence[str]], Awaitable[None]]
"""Tells these pursuits that their calendar has changed. Raises ``TransientError``."""


class PursuitTelling:
    """Tells pursuits of revisions: at once where it can, and by a schedule what it could not.

    Args:
        database: where it is noted who knows of what.
        tell: reaches the workflows.
    """

    def __init__(self, database: Database, tell: TellPursuits) -> None:
        self._database = database
        self._tell = tell

    async def tell_of_revision(self, code: str) -> None:
        """Tell a municipality's pursuits now; whom that does not reach, a schedule tells."""
        try:
            await self._tell_those(code, lambda _: None)
        except TransientError as error:
            log.warning("its pursuits are told later", code=code, reason=error.message)

    async def tell_untold(self, heartbeat: Callable[[int], None]) -> int:
        """Tell every pursuit whose calendars have changed; return how many that were.

        Raises:
            TransientError: Temporal or the database is away; those reached so far are noted.
        """
        return await self._tell_those(None, heartbeat)

    async def _tell_those(self, code: str | None, heartbeat: Callable[[int], None]) -> int:
        told, after = 0, ""
        while True:
            async with self._database.transaction() as connection:
                untold = await pursuits.untold(
                    connection, code=code, after=after, limit=TOLD_AT_ONCE
                )
            if not untold:
                return told
            await self._tell([each.pursuit_id for each in untold])
            async with self._database.transaction() as connection:
                await pursuits.note_told(connection, untold)
            told += len(untold)
            after = untold[-1].pursuit_id
            heartbeat(told)
