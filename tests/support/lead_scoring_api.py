"""Lead-scoring's API in this process: real PostgreSQL and Kafka, a clock that a test sets."""

import uuid
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import httpx
from aiokafka import ConsumerRecord
from fastapi import FastAPI

from kakehashi_common.auth import TokenVerifier
from kakehashi_common.clock import FixedClock
from kakehashi_common.cloudevents.codec import Received, content_hash, event_key
from kakehashi_common.contracts.events import Event, EventData
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.runtime.issuer import Issuer
from kakehashi_common.settings import AuthSettings, HttpSettings
from lead_scoring.bootstrap import install
from lead_scoring.collector.service import Collector, LeadEventPublisher
from lead_scoring.http.app import create_app
from lead_scoring.leads.queries import LeadQueries
from lead_scoring.personal_data.service import PersonalData
from lead_scoring.rule_publishing.queries import RuleQueries
from lead_scoring.rule_publishing.service import RulePublishing
from lead_scoring.rules.rule_cache import RuleCache
from lead_scoring.scoring.service import Scoring
from lead_scoring.suppression.suppression_list import SuppressionList
from tests.support.issuing import SCOPES, issuing
from tests.support.kafka import TestBroker, test_broker
from tests.support.postgres import throwaway_database

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""Noon in Japan."""

SUPPRESSION = SuppressionList(b"a key that only tests know")

_TABLES = (
    "lead, lead_profile, event_log, score_history, inbox, outbox, idempotency_key, audit, "
    "rule_set, suppression, municipality_phase, municipality_milestone"
)


@dataclass
class Rescoring:
    """Stands in for Temporal: remembers which re-scores were started, or is away."""

    started: list[int] = field(default_factory=list)
    away: bool = False

    async def start(self, version: int) -> None:
        if self.away:
            raise TransientError("Temporal is away")
        self.started.append(version)


@dataclass
class Service:
    """One installation of lead-scoring."""

    database: Database
    broker: TestBroker
    prefix: str
    clock: FixedClock
    scoring: Scoring
    rule_cache: RuleCache
    rescoring: Rescoring
    http: httpx.AsyncClient
    """Carries a token with every scope."""
    issuer: Issuer
    verifier: TokenVerifier

    @asynccontextmanager
    async def with_broker(self, kafka: KafkaSettings) -> AsyncIterator[httpx.AsyncClient]:
        """The same API with another broker, or one that is away."""
        publisher = LeadEventPublisher(
            kafka, topic_prefix=self.prefix, acknowledged_within=timedelta(seconds=5)
        )
        app = _app(
            self.database, self.clock, self.verifier, publisher, self.rescoring, self.rule_cache
        )
        try:
            async with _client(app) as http:
                http.headers.update(self.token(*SCOPES))
                yield http
        finally:
            await publisher.close()

    @property
    def events_topic(self) -> str:
        return self.prefix + LEAD_EVENTS.name

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
        self.scoring._rules = None  # noqa: SLF001
        self.rule_cache._compiled.clear()  # noqa: SLF001
        self.clock.instant = NOW
        self.rescoring.started.clear()
        self.rescoring.away = False


def received(data: EventData, at: datetime, *, event_id: str | None = None) -> Received[Any]:
    """An event as the consumer hands it to the service."""
    event = Event(event_id or uuid.uuid4().hex, "https://web.example.jp", at, data)
    body = data.model_dump_json(exclude_unset=True).encode()
    return Received(
        event,
        event_key(event.source, event.event_id),
        content_hash(data.TYPE, at.isoformat(), body),
        cast("ConsumerRecord[bytes, bytes]", None),
        body,
    )


@asynccontextmanager
async def service() -> AsyncIterator[Service]:
    """Install lead-scoring in a database of its own, with topics of its own."""
    async with AsyncExitStack() as opened:
        settings = await opened.enter_async_context(throwaway_database())
        broker = await opened.enter_async_context(test_broker())
        database = Database(settings, application="tests")
        opened.push_async_callback(database.close)
        clock = FixedClock(NOW)
        await install(database, clock)
        prefix = f"test-{uuid.uuid4().hex[:12]}-"
        await broker.create([replace(LEAD_EVENTS, name=prefix + LEAD_EVENTS.name)])
        publisher = LeadEventPublisher(
            broker.settings, topic_prefix=prefix, acknowledged_within=timedelta(seconds=20)
        )
        opened.push_async_callback(publisher.close)
        issuer = await opened.enter_async_context(issuing())
        published = issuer.metadata()
        verifier = TokenVerifier(
            AuthSettings(jwks_url=published["jwks_uri"], issuer=published["issuer"])
        )
        opened.push_async_callback(verifier.close)
        rescoring = Rescoring()
        rule_cache = RuleCache()
        app = _app(database, clock, verifier, publisher, rescoring, rule_cache)
        http = await opened.enter_async_context(_client(app))
        made = Service(
            database=database,
            broker=broker,
            prefix=prefix,
            clock=clock,
            scoring=Scoring(database, clock, topic_prefix=prefix, suppression=SUPPRESSION),
            rule_cache=rule_cache,
            rescoring=rescoring,
            http=http,
            issuer=issuer,
            verifier=verifier,
        )
        http.headers.update(made.token(*SCOPES))
        yield made


def _app(
    database: Database,
    clock: FixedClock,
    verifier: TokenVerifier,
    publisher: LeadEventPublisher,
    rescoring: Rescoring,
    rule_cache: RuleCache,
) -> FastAPI:
    return create_app(
        settings=HttpSettings(max_body_bytes=8_388_608),
        verifier=verifier,
        checks={"database": database.ping, "kafka": publisher.ping},
        lead_queries=LeadQueries(database, clock, rule_cache),
        rule_queries=RuleQueries(database, clock, rule_cache),
        collector=Collector(publisher, clock, database),
        publishing=RulePublishing(database, rescoring.start),
        personal_data=PersonalData(
            database,
            topic_prefix=publisher.topic.removesuffix(LEAD_EVENTS.name),
            suppression=SUPPRESSION,
        ),
        clock=clock,
    )


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app, raise_app_exceptions=False),
        base_url="http://lead-scoring",
    )


def points(lines: Iterable[dict[str, Any]], dimension: str) -> float:
    """What the shown points of a dimension sum to, as a person adds them up."""
    shown: Iterable[float] = (line["points"] for line in lines if line["dimension"] == dimension)
    return sum(round(each * 10) for each in shown) / 10
