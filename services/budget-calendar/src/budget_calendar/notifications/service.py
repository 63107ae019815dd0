"""See that every workflow knows of the revisions that concern it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.notifications.repository import PendingNotification
from kakehashi_common.db import Database

NOTIFIED_AT_ONCE: Final = 100
"""Workflows reached between two notes of it in the database."""

Notify = Callable[[Sequence[str]], Awaitable[None]]
"""Tells the workflows of these municipalities, or these pursuits, to look again. Raises
``TransientError``."""

NotifyPursuits = Callable[[str], Awaitable[None]]
"""Tells the pursuits of a municipality that its calendar has changed; never fails."""


async def nobody(_: str) -> None:
    """Tell nobody: where no pursuits run."""


class FindPending(Protocol):
    """Finds who has to be told next."""

    async def __call__(
        self, connection: AsyncConnection, *, after: str, limit: int
    ) -> Sequence[PendingNotification]:
        """The next ones behind id ``after``, by id."""


async def notify_in_rounds(
    database: Database,
    find: FindPending,
    tell: Notify,
    note_told: Callable[[AsyncConnection, Sequence[PendingNotification]], Awaitable[None]],
    heartbeat: Callable[[int], None],
) -> int:
    """Tell everybody whom ``find`` finds; return how many. No connection is held meanwhile.

    Raises:
        TransientError: Temporal or the database is away; those reached so far are noted.
    """
    told, after = 0, ""
    while True:
        async with database.transaction() as connection:
            untold = await find(connection, after=after, limit=NOTIFIED_AT_ONCE)
        if not untold:
            return told
        await tell([each.id for each in untold])
        async with database.transaction() as connection:
            await note_told(connection, untold)
        told += len(untold)
        after = untold[-1].id
        heartbeat(told)
