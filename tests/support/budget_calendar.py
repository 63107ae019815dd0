"""Budget-calendar as an operator runs it: real processes, on a database and topics of their own."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

import asyncpg
from temporalio.client import Client

from budget_calendar.bootstrap import install
from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.cycles.plan import CyclePlan, PlanCycle, plan_cycle
from budget_calendar.cycles.workflow import BudgetCycle, MunicipalBudgetCycleWorkflow
from budget_calendar.domain.budget_year.scheduled_events import LEAD_BUSINESS_DAYS
from budget_calendar.follows import repository as follows
from budget_calendar.registry.snapshot import shipped
from kakehashi_common.contracts.topics import BUDGET_PHASES, FOLLOWUP_TRIGGERS
from kakehashi_common.db import Database
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.settings import parse_codec_keys
from tests.support import stack
from tests.support.installations import Installation, installed
from tests.support.temporal import temporal_server
from tests.support.waiting import eventually

TOPICS = (BUDGET_PHASES, FOLLOWUP_TRIGGERS)


@dataclass
class BudgetCalendar(Installation):
    """One budget-calendar: its database, its topics, its processes, its workflows."""

    package: ClassVar = "budget_calendar"
    schedules: ClassVar = ("tell-budget-cycles", "open-fiscal-year", "forget-old")

    expected: dict[str, str] = field(default_factory=dict)
    """Type by id of every event that the lives begun so far have to publish."""

    def own_settings(self) -> dict[str, str]:
        # The test starts workflows itself.
        return super().own_settings() | {"TELL_EVERY": "P1D"}

    async def temporal(self) -> Client:
        """A client that encrypts as the processes do."""
        keys = parse_codec_keys(stack.environment()["BUDGET_CALENDAR_TEMPORAL__CODEC_KEYS"])
        return (await temporal_server(keys)).client

    async def writing(self, connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
        """Whether the worker is in a transaction that has written and is not committed."""
        return bool(
            await connection.fetchval(
                "select exists (select from pg_stat_activity where datname = current_database() "
                "and application_name = 'budget-calendar/worker' and backend_xid is not null)"
            )
        )

    async def live(self, codes: Iterable[str], *, since: datetime, now: datetime) -> None:
        """Begin lives that nobody has looked after since then: much is due at once."""
        client = await self.temporal()
        await self._follow(codes, now)
        for code in codes:
            plan = _planned(code, since, now)
            self.expected |= {each.event_id: each.type for each in plan.due}
            await client.start_workflow(
                MunicipalBudgetCycleWorkflow.run,
                BudgetCycle(code, announced_through=since),
                id=f"{self.prefix}budget-cycle/{code}",
                task_queue=self.task_queue,
            )

    async def _follow(self, codes: Iterable[str], now: datetime) -> None:
        database = Database(self.database, application="tests")
        try:
            async with database.transaction() as connection:
                await follows.add(connection, list(codes), who="tester", now=now)
        finally:
            await database.close()

    async def all_announced(self, within: float = 120.0) -> None:
        """Wait until every life has announced what is due, and the relay has published it."""

        async def claimed() -> bool:
            with suppress(OSError):
                rows = await self.fetch("select count(*) from announced")
                return int(rows[0][0]) >= len(self.expected)
            return False

        await eventually(claimed, within=within, what="all announced", every=0.2)
        await self.published(within=within)

    async def contents(self) -> Mapping[str, set[bytes]]:
        """By event id, the contents with which it is on the topics; as a rule one."""
        found: dict[str, set[bytes]] = {}
        for topic in TOPICS:
            for record in await self.broker.read(self.topic(topic).name):
                headers: dict[str, Any] = dict(record.headers)
                content = b"\0".join((headers["ce_type"], headers["ce_time"], record.value or b""))
                found.setdefault(headers["ce_id"].decode(), set()).add(content)
        return found


def _planned(code: str, since: datetime, now: datetime) -> CyclePlan:
    municipality = next(each for each in shipped() if each.code == code)
    request = PlanCycle(code, now, since, None)
    calculator = CalendarCalculator("published")
    return plan_cycle(
        request,
        [calculator.calendar(CalendarInputs(municipality), year) for year in request.fiscal_years],
        name=municipality.name,
        business_days=BUSINESS_DAYS,
        lead_business_days=LEAD_BUSINESS_DAYS,
        pursued_by=(),
    )


def installation(**settings: str) -> AbstractAsyncContextManager[BudgetCalendar]:
    """Install budget-calendar; nothing runs yet."""
    return installed(BudgetCalendar, install, settings, topics=TOPICS)
