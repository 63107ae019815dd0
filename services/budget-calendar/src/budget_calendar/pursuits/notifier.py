"""Notify pursuits of the revisions that concern them."""

from collections.abc import Callable
from functools import partial

import structlog

from budget_calendar.notifications.service import Notify, notify_in_rounds
from budget_calendar.pursuits import repository as pursuits
from kakehashi_common.db import Database
from kakehashi_common.errors import FaultError, TransientError

log = structlog.get_logger(__name__)


class PursuitNotifier:
    """Notifies pursuits of revisions: at once, and by a schedule those that it could not reach.

    Args:
        database: where it is noted which pursuit knows of which revision.
        notify: calls the workflows.
    """

    def __init__(self, database: Database, notify: Notify) -> None:
        self._database = database
        self._notify = notify

    async def tell_of_revision(self, code: str) -> None:
        """Notify a municipality's pursuits now; a schedule notifies those that are not reached."""
        try:
            await self._notify_pending(code, lambda _: None)
        except (FaultError, TransientError) as error:
            log.warning("its pursuits are notified later", code=code, reason=error.message)

    async def tell_untold(self, heartbeat: Callable[[int], None]) -> int:
        """Notify every pursuit whose calendars have changed; return how many.

        Raises:
            TransientError: Temporal or the database is away; those notified so far are noted.
        """
        return await self._notify_pending(None, heartbeat)

    async def _notify_pending(self, code: str | None, heartbeat: Callable[[int], None]) -> int:
        return await notify_in_rounds(
            self._database,
            partial(pursuits.untold, code=code),
            self._notify,
            pursuits.note_told,
            heartbeat,
        )
