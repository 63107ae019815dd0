"""Budget-calendar's API in this process: real PostgreSQL, a clock that a test sets."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import httpx
from fastapi import FastAPI

from budget_calendar.bootstrap import install
from budget_calendar.container import Container
from budget_calendar.http.app import create_app
from budget_calendar.notifications.client import NotificationClient
from budget_calendar.notifications.repository import PendingNotification
from budget_calendar.scopes import CORRECT, FOLLOW, READ, WRITE_PURSUITS, WRITE_SUBSIDIES
from budget_calendar.settings import BudgetCalendarSettings
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.runtime.issuer import Issuer
from kakehashi_common.settings import AuthSettings, TemporalSettings
from tests.support.issuing import issuing
from tests.support.postgres import throwaway_database

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""Noon in Japan, in fiscal year 2026."""

SCOPES = (READ, FOLLOW, CORRECT, WRITE_SUBSIDIES, WRITE_PURSUITS)

_TABLES = (
    "council_session, correction, calendar, calendar_milestone, calendar_phase, follow, announced,"
    " subsidy, subsidy_edits, local_rules, feed, pursuit, outbox, idempotency_key, audit"
)


_LIKE_KIRYU = {
    "calendar_milestone": "fiscal_year, key, kind, number, earliest + shift, likely + shift,"
    " latest + shift, basis, source, confidence",
    "calendar_phase": "fiscal_year, phase, begins, ends, basis",
}


class Workflows(NotificationClient):
    """Stands in for Temporal: remembers who was notified, or is unavailable."""

    def __init__(self) -> None:
        self.notified: list[str] = []
        self.away = False
        self.triggered = 0

    async def trigger_schedule(self) -> None:
        self.triggered += 1

    async def notify(self, notifications: Iterable[PendingNotification]) -> None:
        if self.away:
            raise TransientError("Temporal is unavailable")
        self.notified += (each.id for each in notifications)


@dataclass(eq=False)
class Service(Container):
    """One installation of budget-calendar; its pursuits' workflows are out of reach."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    workflows: Workflows = field(default_factory=Workflows)
    issuer: Issuer = field(kw_only=True)

    def __post_init__(self) -> None:
        self.notification_client = self.workflows

    @cached_property
    def app(self) -> FastAPI:
        return create_app(self)

    @cached_property
    def http(self) -> httpx.AsyncClient:
        """Carries a token with every scope."""
        return client(self.app, self.token(*SCOPES))

    def token(self, *scopes: str) -> dict[str, str]:
        """Headers with a token that grants ``scopes``."""
        return {"authorization": f"Bearer {self.issuer.token('tester', list(scopes))}"}

    async def fetch(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Ask the database."""
        async with self.database.raw_transaction() as connection:
            return [dict(row) for row in await connection.fetch(query, *arguments)]

    async def open_everywhere(self, *fiscal_years: int) -> None:
        """Follow all of Japan, with calendars like Kiryu's, each shifted by some days.

        Opening each by itself takes a worker half a minute, and a test has not that long.
        """
        async with self.database.transaction() as connection:
            for year in fiscal_years:
                await self.calendars.open(connection, "102032", year)
        async with self.database.raw_transaction() as connection:
            for table, columns in _LIKE_KIRYU.items():
                await connection.execute(
                    f"insert into {table} select others.code, {columns} from {table} kiryu"  # noqa: S608
                    " cross join (select code, (row_number() over ())::integer % 9 as shift"
                    " from municipality where code <> '102032') others"
                )
            await connection.execute(
                "insert into follow select code, now(), 'tester', true, 0, 0 from municipality"
            )
            await connection.execute("analyze")

    async def rows(self, *tables: str) -> int:
        """Count the rows of these tables together."""
        counts = [await self.fetch(f"select count(*) from {table}") for table in tables]  # noqa: S608
        return sum(int(rows[0]["count"]) for rows in counts)

    async def fresh(self) -> None:
        """Forget everything but the registry that ships."""
        async with self.database.raw_transaction() as connection:
            await connection.execute(f"truncate {_TABLES} restart identity")
            await connection.execute(
                "update municipality set head_term_ends = null, year_round_session = false"
            )
        self.clock.instant = NOW
        self.workflows.notified.clear()
        self.workflows.away = False
        self.workflows.triggered = 0


@asynccontextmanager
async def service() -> AsyncIterator[Service]:
    """Install budget-calendar in a database of its own."""
    async with AsyncExitStack() as opened:
        postgres = await opened.enter_async_context(throwaway_database())
        issuer = await opened.enter_async_context(issuing())
        published = issuer.metadata()
        settings = BudgetCalendarSettings(
            database=postgres,
            temporal=TemporalSettings(address="127.0.0.1:9"),
            auth=AuthSettings(jwks_url=published["jwks_uri"], issuer=published["issuer"]),
        )
        database = Database(postgres, application="tests")
        opened.push_async_callback(database.close)
        await install(database)
        made = Service(settings, database, issuer=issuer)
        opened.push_async_callback(made.verifier.close)
        opened.push_async_callback(made.http.aclose)
        yield made


def client(app: FastAPI, headers: Mapping[str, str]) -> httpx.AsyncClient:
    """A client of the API in this process."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://budget-calendar",
        headers=headers,
    )
