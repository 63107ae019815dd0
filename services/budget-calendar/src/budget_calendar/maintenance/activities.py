"""Activities of the schedules: notify workflows, open fiscal years, delete old rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from temporalio import activity

from budget_calendar import tables
from budget_calendar.calendars import repository as calendars
from budget_calendar.calendars.service import Calendars
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.follows import repository as follows
from budget_calendar.notifications.service import Notifier
from kakehashi_common.audit import Actor
from kakehashi_common.db import Database
from kakehashi_common.http import idempotency
from kakehashi_common.retention import purge, purge_older

OPENER: Final = Actor(who="system:budget-calendar", origin="open-fiscal-year")


@dataclass(frozen=True, slots=True)
class Opened:
    """The result of opening a fiscal year."""

    fiscal_year: int
    """The one that begins a year from now."""
    calendars: int
    revised: int
    """Municipalities of which a calendar that was there already has moved."""


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """Retention periods of tables that grow with time; ``None`` keeps rows for ever."""

    announced: timedelta
    replaced_calendars: timedelta | None
    """Versions of calendars, since a newer one has taken their place; the newest always stay."""
    audit: timedelta | None


class MaintenanceActivities:
    """The activities of schedules; each can be repeated at any point."""

    def __init__(
        self,
        database: Database,
        calendars: Calendars,
        notifier: Notifier,
        retention: RetentionPolicy,
    ) -> None:
        self._database = database
        self._calendars = calendars
        self._notifier = notifier
        self._retention = retention

    def all(self) -> Sequence[Callable[..., Any]]:
        """Return the activities that a worker registers."""
        return (self.notify_pending, self.open_fiscal_year, self.purge)

    @activity.defn(name="tell_untold")
    async def notify_pending(self) -> int:
        """Send every pending notification; return how many workflows were notified."""
        return await self._notifier.notify_pending(heartbeat=activity.heartbeat)

    @activity.defn
    async def open_fiscal_year(self) -> Opened:
        """Compute the followed calendars again, and open the year after this one."""
        coming = fiscal_year_of(self._calendars.today) + 1
        async with self._database.transaction() as connection:
            codes = await follows.list_codes(connection)
        opened = revised = 0
        for code in codes:
            async with self._database.transaction() as connection:
                stored = await self._calendars.open(connection, code, coming)
            opened += stored.version.version == 1
            revision = await self._calendars.recompute(code, OPENER, f"fiscal year {coming} opened")
            revised += bool(revision.versions)
            activity.heartbeat(code)
        return Opened(coming, opened, revised)

    @activity.defn(name="forget_old")
    async def purge(self) -> int:
        """Apply the retention; return how many rows were deleted."""
        database, retention = self._database, self._retention
        purged = await purge_older(database, tables.announced.c.at, retention.announced)
        purged += await purge_older(database, tables.audit_table.c.at, retention.audit)
        purged += await purge_older(
            database, tables.idempotency_table.c.created_at, idempotency.RETENTION
        )
        if retention.replaced_calendars is not None:
            replaced = calendars.is_replaced(retention.replaced_calendars)
            purged += await purge(database, tables.calendar, replaced)
        return purged
