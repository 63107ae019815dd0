"""Notify workflows of the revisions that concern them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from budget_calendar.notifications.repository import PendingNotification
from kakehashi_common.db import Database

NOTIFIED_AT_ONCE: Final = 100
"""Workflows that are notified between two transactions that note it."""

Notify = Callable[[Sequence[str]], Awaitable[None]]
"""Has the workflows of these municipalities, or these pursuits, look again. Raises
``TransientError``."""

NotifyPursuits = Callable[[str], Awaitable[None]]
"""Notifies the pursuits of a municipality that its calendar has changed; never fails."""


async def nobody(_: str) -> None:
    """Notify no pursuit, where none run."""


class FindPending(Protocol):
    """Finds the next pending notifications."""

    async def __call__(
        self, connection: AsyncConnection, *, after: str, limit: int
    ) -> Sequence[PendingNotification]:
        """Return those behind id ``after``, by id."""


async def notify_in_rounds(
    database: Database,
    find: FindPending,
    notify: Notify,
    note_notified: Callable[[AsyncConnection, Sequence[PendingNotification]], Awaitable[None]],
    heartbeat: Callable[[int], None],
) -> int:
    """Send every notification that ``find`` finds; return how many.

    No connection is held while workflows are called.

    Raises:
        TransientError: Temporal or the database is away; those notified so far are noted.
    """
    notified, after = 0, ""
    while True:
        async with database.transaction() as connection:
            pending = await find(connection, after=after, limit=NOTIFIED_AT_ONCE)
        if not pending:
            return notified
        await notify([each.id for each in pending])
        async with database.transaction() as connection:
            await note_notified(connection, pending)
        notified += len(pending)
        after = pending[-1].id
        heartbeat(notified)
