"""Tell pursuits of the revisions that concern them."""

from collections.abc import Callable
from functools import partial

import structlog

from budget_calendar.notifications.service import Notify, notify_in_rounds
from budget_calendar.pursuits import repository as pursuits
from kakehashi_common.db import Database
from kakehashi_common.errors import FaultError, TransientError

log = structlog.get_logger(__name__)


class PursuitNotifier:
    """Tells pursuits of revisions: at once where it can, and by a schedule what it could not.

    Args:
        database: where it is noted who knows of what.
        tell: reaches the workflows.
    """

    def __init__(self, database: Database, tell: Notify) -> None:
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
        return await notify_in_rounds(
            self._database,
            partial(pursuits.untold, code=code),
            self._tell,
            pursuits.note_told,
            heartbeat,
        )
