"""Notify workflows of revisions: at once, and by a schedule those that could not be reached."""

from collections.abc import Callable, Iterable
from typing import Final

import structlog

from budget_calendar.notifications import repository
from budget_calendar.notifications.client import NotificationClient
from budget_calendar.notifications.repository import PendingNotification
from budget_calendar.notifications.workflow_names import WorkflowKind
from kakehashi_common.db import Database
from kakehashi_common.errors import FaultError, TransientError

log = structlog.get_logger(__name__)

NOTIFIED_AT_ONCE: Final = 100
"""Workflows that are notified between two transactions that note it."""


class Notifier:
    """Notifies budget cycles and pursuits of what concerns them.

    Args:
        database: where it is noted which workflow knows of which revision.
        workflows: calls them; ``None`` leaves that to the schedule, for a command that has no
            connection to Temporal.
    """

    def __init__(self, database: Database, workflows: NotificationClient | None) -> None:
        self._database = database
        self._workflows = workflows

    async def notify(self, code: str) -> None:
        """Notify the workflows of a municipality now. Never fails: the schedule does the rest."""
        try:
            await self.notify_pending(code)
        except (FaultError, TransientError) as error:
            log.warning("workflows are notified later", code=code, reason=error.message)

    async def notify_in_background(self) -> None:
        """Have the schedule notify all workflows now rather than in a minute. Never fails."""
        if self._workflows is not None:
            await self._workflows.trigger_schedule()

    async def notify_unfollowed(self, codes: Iterable[str]) -> None:
        """Have the cycles of municipalities that nobody follows end now. Never fails."""
        if self._workflows is None:
            return
        try:
            await self._workflows.notify(
                [PendingNotification(WorkflowKind.BUDGET_CYCLE, code) for code in codes]
            )
        except (FaultError, TransientError) as error:
            log.warning("budget cycles end when they next wake", reason=error.message)

    async def notify_pending(
        self, code: str | None = None, heartbeat: Callable[[int], None] = lambda _: None
    ) -> int:
        """Start or notify every workflow that has to be, of one municipality or all.

        No connection is held while workflows are called.

        Returns:
            How many were notified.

        Raises:
            TransientError: Temporal or the database is unavailable; those notified so far are
                noted.
            FaultError: Temporal refuses a request.
        """
        notified = 0
        while self._workflows is not None:
            async with self._database.transaction() as connection:
                pending = await repository.find_pending(connection, code, NOTIFIED_AT_ONCE)
            if pending:
                await self._workflows.notify(pending)
                async with self._database.transaction() as connection:
                    await repository.record_notified(connection, pending)
                notified += len(pending)
                heartbeat(notified)
            if len(pending) < NOTIFIED_AT_ONCE:
                break
        return notified
