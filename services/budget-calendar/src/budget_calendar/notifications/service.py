"""See that every workflow knows of the revisions that concern it."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.notifications.repository import Untold
from budget_calendar.pursuits import repository as pursuits
from kakehashi_common.db import Database
from kakehashi_common.errors import FaultError, TransientError

log = structlog.get_logger(__name__)

TOLD_AT_ONCE: Final = 100
"""Workflows reached between two notes of it in the database."""

Tell = Callable[[Sequence[str]], Awaitable[None]]
"""Tells the workflows of these municipalities, or these pursuits, to look again. Raises
``TransientError``."""

TellPursuits = Callable[[str], Awaitable[None]]
"""Tells the pursuits of a municipality that its calendar has changed; never fails."""


async def nobody(_: str) -> None:
    """Tell nobody: where no pursuits run."""


class PursuitTelling:
    """Tells pursuits of revisions: at once where it can, and by a schedule what it could not.

    Args:
        database: where it is noted who knows of what.
        tell: reaches the workflows.
    """

    def __init__(self, database: Database, tell: Tell) -> None:
        self._database = database
        self._tell = tell

    async def tell_of_revision(self, code: str) -> None:
        """Tell a municipality's pursuits now; whom that does not reach, a schedule tells."""
        try:
            await self._tell_those(code, lambda _: None)
        except (FaultError, TransientError) as error:
            log.warning("its pursuits are told later", code=code, reason=error.message)

    async def tell_untold(self, heartbeat: Callable[[int], None]) -> int:
        """Tell every pursuit whose calendars have changed; return how many that were.

        Raises:
            TransientError: Temporal or the database is away; those reached so far are noted.
        """
        return await self._tell_those(None, heartbeat)

    async def _tell_those(self, code: str | None, heartbeat: Callable[[int], None]) -> int:
        return await tell_in_rounds(
            self._database,
            partial(pursuits.untold, code=code),
            self._tell,
            pursuits.note_told,
            heartbeat,
        )


class FindUntold(Protocol):
    """Finds who has to be told next."""

    async def __call__(
        self, connection: AsyncConnection, *, after: str, limit: int
    ) -> Sequence[Untold]:
        """The next ones behind id ``after``, by id."""


async def tell_in_rounds(
    database: Database,
    find: FindUntold,
    tell: Tell,
    note_told: Callable[[AsyncConnection, Sequence[Untold]], Awaitable[None]],
    heartbeat: Callable[[int], None],
) -> int:
    """Tell everybody whom ``find`` finds; return how many. No connection is held meanwhile.

    Raises:
        TransientError: Temporal or the database is away; those reached so far are noted.
    """
    told, after = 0, ""
    while True:
        async with database.transaction() as connection:
            untold = await find(connection, after=after, limit=TOLD_AT_ONCE)
        if not untold:
            return told
        await tell([each.id for each in untold])
        async with database.transaction() as connection:
            await note_told(connection, untold)
        told += len(untold)
        after = untold[-1].id
        heartbeat(told)
