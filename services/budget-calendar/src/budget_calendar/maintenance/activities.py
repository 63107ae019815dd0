"""What schedules do: tell workflows, open fiscal years, forget what is old."""

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
    """What opening a fiscal year did."""

    fiscal_year: int
    """The one that begins a year from now."""
    calendars: int
    revised: int
    """Municipalities of which a calendar that was there already has moved."""


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """How long what grows with time is kept; ``None``: for ever."""

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
        kept_for: RetentionPolicy,
    ) -> None:
        self._database = database
        self._calendars = calendars
        self._notifier = notifier
        self._kept_for = kept_for

    def all(self) -> Sequence[Callable[..., Any]]:
        """What a worker registers."""
        return (self.notify_pending, self.open_fiscal_year, self.forget_old)

    @activity.defn(name="tell_untold")
    async def notify_pending(self) -> int:
        """Send every pending notification; return how many workflows were notified."""
        return await self._notifier.notify_pending(heartbeat=activity.heartbeat)

    @activity.defn
    async def open_fiscal_year(self) -> Opened:
        """Compute the followed calendars anew, and open the year after this one."""
        coming = fiscal_year_of(self._calendars.today) + 1
        async with self._database.transaction() as connection:
            codes = await follows.codes(connection)
        opened = revised = 0
        for code in codes:
            async with self._database.transaction() as connection:
                stored = await self._calendars.open(connection, code, coming)
            opened += stored.version.version == 1
            anew = await self._calendars.recompute(code, OPENER, f"fiscal year {coming} opened")
            revised += bool(anew.versions)
            activity.heartbeat(code)
        return Opened(coming, opened, revised)

    @activity.defn
    async def forget_old(self) -> int:
        """Apply the retention; return how many rows were deleted."""
        database, kept_for = self._database, self._kept_for
        purged = await purge_older(database, tables.announced.c.at, kept_for.announced)
        purged += await purge_older(database, tables.audit_table.c.at, kept_for.audit)
        purged += await purge_older(
            database, tables.idempotency_table.c.created_at, idempotency.KEPT_FOR
        )
        if kept_for.replaced_calendars is not None:
            replaced = calendars.replaced(kept_for.replaced_calendars)
            purged += await purge(database, tables.calendar, replaced)
        return purged
