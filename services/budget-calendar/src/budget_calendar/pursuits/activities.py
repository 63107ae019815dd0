"""The activities of pursuits. Each can be repeated at any point."""

from collections.abc import Callable, Sequence
from typing import Any

from temporalio import activity

from budget_calendar import tables
from budget_calendar.calendars.inputs import get_municipality
from budget_calendar.calendars.service import Calendars
from budget_calendar.domain.fiscal_years import fiscal_year_of
from budget_calendar.events.publisher import publish_once
from budget_calendar.notifications import planning_revision
from budget_calendar.pursuits import repository as pursuits
from budget_calendar.pursuits.messages import Planned, PlanRoutes, RecordPursuit
from budget_calendar.pursuits.planning import holidays_between, routes_of, years_planned
from kakehashi_common.audit import Actor
from kakehashi_common.clock import japan_day
from kakehashi_common.db import Database
from kakehashi_common.domain.business_days import BusinessDays


class PursuitActivities:
    """The activities of pursuits.

    Args:
        database: where everything is stored.
        calendars: reads calendars, and opens those of this year and the next.
        business_days: on which days offices are open.
        topic_prefix: before every topic's name.
    """

    def __init__(
        self,
        database: Database,
        calendars: Calendars,
        *,
        business_days: BusinessDays,
        topic_prefix: str = "",
    ) -> None:
        self._database = database
        self._calendars = calendars
        self._business_days = business_days
        self._topic_prefix = topic_prefix

    def all(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers."""
        return (self.plan_routes, self.record_pursuit)

    @activity.defn
    async def plan_routes(self, request: PlanRoutes) -> Planned:
        """Return every route to the money, feasible or not, by the calendars as they are now.

        Raises:
            NotFoundError: no such municipality.
        """
        today = japan_day(request.now)
        near = (fiscal_year_of(today), fiscal_year_of(today) + 1)
        async with self._database.transaction() as connection:
            # so that a revision of them is noticed
            await self._calendars.open_years(connection, request.code, near)
            revision = await planning_revision.revision(connection, request.code)
            years = years_planned(request.goal, today)
            calendars = await self._calendars.list_calendars(connection, request.code, years)
            municipality = (await get_municipality(connection, request.code)).municipality
            routes = await routes_of(
                connection, municipality, request.goal, calendars, today, self._business_days
            )
        return Planned(routes, holidays_between(self._business_days, today), revision)

    @activity.defn
    async def record_pursuit(self, request: RecordPursuit) -> bool:
        """Store a state that is newer than the stored one, audit it and publish its events.

        One transaction; a repeated or late call changes nothing and returns ``False``.
        """
        state = request.state
        async with self._database.transaction() as connection:
            newer = await pursuits.put(
                connection, state, calendars=request.calendars, at=request.at
            )
            if not newer:
                return False
            for act in request.acts:
                await Actor(act.who, act.origin).record(
                    connection,
                    tables.audit_table,
                    act.what,
                    f"pursuit/{state.pursuit_id}",
                    before=act.before,
                    after=act.after,
                )
            await publish_once(
                connection,
                state.municipality_code,
                request.events,
                topic_prefix=self._topic_prefix,
            )
        return True
