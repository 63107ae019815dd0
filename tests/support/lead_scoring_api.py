"""Lead-scoring's API in this process: real PostgreSQL and Kafka, a clock that a test sets."""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import httpx
from pydantic import SecretStr

from kakehashi_common.clock import FixedClock
from kakehashi_common.contracts.events import EventData
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.runtime.issuer import Issuer
from kakehashi_common.settings import AuthSettings, TemporalSettings
from lead_scoring.bootstrap import install
from lead_scoring.container import Container
from lead_scoring.http.app import create_app
from lead_scoring.settings import LeadScoringSettings
from tests.support import stack
from tests.support.issuing import SCOPES, issuing
from tests.support.kafka import TestBroker, test_broker
from tests.support.postgres import throwaway_database
from tests.support.received import received

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""Noon in Japan."""

_TABLES = (
    "lead, lead_profile, event_log, score_history, inbox, outbox, idempotency_key, audit, "
    "rule_set, suppression, municipality_phase, municipality_milestone, qualification, "
    "handoff_label, deal, merged_lead"
)


@dataclass
class Rescoring:
    """Stands in for Temporal: remembers which re-scores were started, or is unavailable."""

    started: list[int] = field(default_factory=list)
    away: bool = False

    async def start(self, version: int) -> None:
        if self.away:
            raise TransientError("Temporal is unavailable")
        self.started.append(version)


@dataclass(eq=False)
class Service(Container):
    """One installation of lead-scoring."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    rescoring: Rescoring = field(default_factory=Rescoring)
    broker: TestBroker = field(kw_only=True)
    issuer: Issuer = field(kw_only=True)

    def __post_init__(self) -> None:
        self.start_rescore = self.rescoring.start

    @cached_property
    def http(self) -> httpx.AsyncClient:
        """Carries a token with every scope."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(self), raise_app_exceptions=False),
            base_url="http://lead-scoring",
            headers=self.token(*SCOPES),
        )

    def differing(self, **settings: Any) -> "Service":
        """The same installation with other settings, and nothing in memory."""
        return replace(self, settings=self.settings.model_copy(update=settings))

    async def close(self) -> None:
        await self.http.aclose()
        await self.publisher.close()
        await self.verifier.close()

    @property
    def events_topic(self) -> str:
        return self.settings.topic_prefix + LEAD_EVENTS.name

    def token(self, *scopes: str) -> dict[str, str]:
        """Headers with a token that grants ``scopes``."""
        return {"authorization": f"Bearer {self.issuer.token('tester', list(scopes))}"}

    async def happened(self, *data: EventData, at: datetime | None = None) -> None:
        """Score events as the consumer does; each is a new one."""
        await self.scoring.score_batch([received(each, at or self.clock.instant) for each in data])

    async def fetch(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Ask the database."""
        async with self.database.raw_transaction() as connection:
            return [dict(row) for row in await connection.fetch(query, *arguments)]

    async def fresh(self) -> None:
        """Forget everything but the rules that ship."""
        async with self.database.raw_transaction() as connection:
            await connection.execute(f"truncate {_TABLES} restart identity")
        await install(self.database, self.clock)
        self.scoring.cache.clear()
        # Versions start again, as they never do.
        self.rule_cache._compiled.clear()  # noqa: SLF001
        self.clock.instant = NOW
        self.rescoring.started.clear()
        self.rescoring.away = False


@asynccontextmanager
async def service() -> AsyncIterator[Service]:
    """Install lead-scoring in a database of its own, with topics of its own."""
    async with AsyncExitStack() as opened:
        postgres = await opened.enter_async_context(throwaway_database())
        broker = await opened.enter_async_context(test_broker())
        issuer = await opened.enter_async_context(issuing())
        published = issuer.metadata()
        settings = LeadScoringSettings(
            database=postgres,
            kafka=broker.settings,
            temporal=TemporalSettings(address=stack.temporal()),
            auth=AuthSettings(jwks_url=published["jwks_uri"], issuer=published["issuer"]),
            topic_prefix=f"test-{uuid.uuid4().hex[:12]}-",
            cached_leads=0,
            suppression_key=SecretStr("a key that only tests know"),
        )
        database = Database(postgres, application="tests")
        opened.push_async_callback(database.close)
        made = Service(settings, database, broker=broker, issuer=issuer)
        opened.push_async_callback(made.close)
        await install(database, made.clock)
        await broker.create([replace(LEAD_EVENTS, name=made.events_topic)])
        yield made


def points(lines: Iterable[dict[str, Any]], dimension: str) -> float:
    """Sum the shown points of a dimension, as a person adds them up."""
    shown: Iterable[float] = (line["points"] for line in lines if line["dimension"] == dimension)
    return sum(round(each * 10) for each in shown) / 10
