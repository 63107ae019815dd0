"""Budget-calendar's API in this process: real PostgreSQL, a clock that a test sets."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from fastapi import FastAPI

from budget_calendar.api.scopes import CORRECT, FOLLOW, READ, WRITE_PURSUITS, WRITE_SUBSIDIES
from budget_calendar.bootstrap import install
from budget_calendar.calendars.calculator import CalendarCalculator
from budget_calendar.calendars.queries import CalendarQueries
from budget_calendar.calendars.service import Calendars
from budget_calendar.contract_rules.service import ContractRules
from budget_calendar.feeds.service import Subscriptions
from budget_calendar.follows.queries import FollowQueries
from budget_calendar.follows.service import Follows
from budget_calendar.http.app import Parts, create_app
from budget_calendar.notifications.client import NotificationClient
from budget_calendar.notifications.repository import PendingNotification
from budget_calendar.notifications.service import Notifier
from budget_calendar.overview.queries import OverviewQueries
from budget_calendar.pursuits.messages import Message, OpenPursuit, PursuitStatus
from budget_calendar.pursuits.service import PursuitRequests
from budget_calendar.registry.queries import RegistryQueries
from budget_calendar.subsidies.service import Subsidies
from kakehashi_common.audit import Actor
from kakehashi_common.auth import TokenVerifier
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.runtime.issuer import Issuer
from kakehashi_common.settings import AuthSettings, HttpSettings
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
    """Stands in for Temporal: remembers who was notified, or is away."""

    def __init__(self) -> None:
        self.notified: list[str] = []
        self.away = False
        self.triggered = 0

    async def trigger_schedule(self) -> None:
        self.triggered += 1

    async def start(self, opening: OpenPursuit, actor: Actor) -> PursuitStatus:
        raise TransientError(f"Temporal is away: {opening.pursuit_id} of {actor.who}")

    async def ask(self, pursuit_id: str, message: Message, request_id: str | None) -> PursuitStatus:
        raise TransientError(f"Temporal is away: {pursuit_id}, {message}, {request_id}")

    async def notify(self, notifications: Iterable[PendingNotification]) -> None:
        if self.away:
            raise TransientError("Temporal is away")
        self.notified += (each.id for each in notifications)


@dataclass
class Service:
    """One installation of budget-calendar."""

    database: Database
    clock: FixedClock
    workflows: Workflows
    parts: Parts
    http: httpx.AsyncClient
    """Carries a token with every scope."""
    issuer: Issuer
    app: FastAPI

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
                await self.parts.calendars.open(connection, "102032", year)
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
        """How many rows these tables have together."""
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
        settings = await opened.enter_async_context(throwaway_database())
        database = Database(settings, application="tests")
        opened.push_async_callback(database.close)
        await install(database)
        issuer = await opened.enter_async_context(issuing())
        published = issuer.metadata()
        verifier = TokenVerifier(
            AuthSettings(jwks_url=published["jwks_uri"], issuer=published["issuer"])
        )
        opened.push_async_callback(verifier.close)
        clock, workflows = FixedClock(NOW), Workflows()
        parts = _parts(database, clock, workflows)
        app = create_app(
            settings=HttpSettings(),
            verifier=verifier,
            checks={"database": database.ping},
            parts=parts,
        )
        http = await opened.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app, raise_app_exceptions=False),
                base_url="http://budget-calendar",
            )
        )
        made = Service(database, clock, workflows, parts, http, issuer, app)
        http.headers.update(made.token(*SCOPES))
        yield made


def _parts(database: Database, clock: FixedClock, workflows: Workflows) -> Parts:
    computing = CalendarCalculator("published")
    notifier = Notifier(database, workflows)
    calendars = Calendars(database, clock, computing, notifier)
    registry = RegistryQueries(database, clock)
    overview = OverviewQueries(database, clock, registry)
    calendar_queries = CalendarQueries(database, clock, computing, calendars)
    return Parts(
        clock=clock,
        registry=registry,
        follow_queries=FollowQueries(database, registry),
        calendar_queries=calendar_queries,
        calendars=calendars,
        contract_rules=ContractRules(database, notifier),
        following=Follows(database, clock, notifier),
        overview=overview,
        subsidies=Subsidies(database, notifier),
        subscriptions=Subscriptions(database, clock, registry, calendar_queries, overview),
        pursuits=PursuitRequests(database, calendars, workflows.start, workflows.ask),
    )
