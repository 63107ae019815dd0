"""Handoff's API in this process: real PostgreSQL, Kafka and Temporal."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import httpx

from handoff.container import Container
from handoff.domain.handoff.facts import Fact
from handoff.domain.handoff.state import HandoffState
from handoff.handoffs import repository as handoffs
from handoff.handoffs.messages import RecordedDecision
from handoff.http.app import create_app
from handoff.scopes import (
    PERSONAL_DATA,
    READ,
    WRITE,
    WRITE_EVENTS,
    WRITE_POLICIES,
    WRITE_TEAMS,
)
from handoff.settings import MIGRATIONS, HandoffSettings
from handoff.tables import metadata
from handoff.workflows import PASSED_THROUGH, PERMANENT_ERRORS, WORKFLOWS
from kakehashi_common import migrations
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.errors import NotFoundError
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.runtime.issuer import Issuer
from kakehashi_common.settings import AuthSettings, CodecKey, TemporalSettings
from kakehashi_common.temporal.error_boundary import rpc_errors
from tests.support import stack
from tests.support.issuing import issuing
from tests.support.postgres import throwaway_database
from tests.support.temporal import TestTemporal, temporal_server

SCOPES = (READ, WRITE_TEAMS, WRITE, WRITE_EVENTS, WRITE_POLICIES, PERSONAL_DATA)

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
"""Noon in Japan."""

_TABLES = ", ".join(metadata.tables)


@dataclass(eq=False)
class Service(Container):
    """One installation of handoff."""

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    issuer: Issuer = field(kw_only=True)
    beside: TestTemporal = field(kw_only=True)
    """Where its workflows live."""

    @cached_property
    def http(self) -> httpx.AsyncClient:
        """Carries a token with every scope."""
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(self), raise_app_exceptions=False),
            base_url="http://handoff/v1",
            headers=self.token(*SCOPES),
        )

    def token(self, *scopes: str) -> dict[str, str]:
        """Headers with a token that grants ``scopes``."""
        return {"authorization": f"Bearer {self.issuer.token('tester', list(scopes))}"}

    async def fetch(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        """Ask the database."""
        async with self.database.raw_transaction() as connection:
            return [dict(row) for row in await connection.fetch(query, *arguments)]

    async def put(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Enter something that is right, and return what is answered."""
        answer = await self.http.put(path, json=body)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def record(self, state: HandoffState, *facts: Fact) -> None:
        """Store a handoff and what has happened to it, as its workflow does."""
        await record(self.database, state, *facts)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Workers in this process, until the block ends."""
        async with self.beside.worker(
            WORKFLOWS,
            self.activities,
            passed_through=PASSED_THROUGH,
            permanent_errors=PERMANENT_ERRORS,
        ):
            yield

    async def end(self) -> None:
        """Leave no workflow behind."""
        found = f"ExecutionStatus='Running' and WorkflowId starts_with '{self.beside.prefix}'"
        async for execution in self.temporal.list_workflows(found):
            with suppress(NotFoundError), rpc_errors():  # it may have ended by itself
                await self.temporal.get_workflow_handle(execution.id).terminate()

    async def fresh(self) -> None:
        """Forget everything."""
        async with self.database.raw_transaction() as connection:
            await connection.execute(f"truncate {_TABLES} restart identity cascade")


async def record(database: Database, state: HandoffState, *facts: Fact) -> None:
    """Store a handoff and what has happened to it, as its workflow does."""
    decision = RecordedDecision(state, state.requested_at, tuple(enumerate(facts)), ())
    async with database.transaction() as connection:
        await handoffs.put(connection, decision, next_due_at=None)
        await handoffs.add_facts(connection, decision)


@asynccontextmanager
async def service(codec_keys: tuple[CodecKey, ...] = ()) -> AsyncIterator[Service]:
    """Install handoff in a database of its own; with keys, what Temporal stores is encrypted."""
    async with AsyncExitStack() as opened:
        postgres = await opened.enter_async_context(throwaway_database())
        issuer = await opened.enter_async_context(issuing())
        published = issuer.metadata()
        beside = await temporal_server(codec_keys)
        settings = HandoffSettings(
            database=postgres,
            kafka=KafkaSettings(bootstrap_servers=stack.kafka()),
            topic_prefix=f"test-{uuid.uuid4().hex[:12]}-",
            auth=AuthSettings(jwks_url=published["jwks_uri"], issuer=published["issuer"]),
            temporal=TemporalSettings(task_queue=beside.task_queue),
            workflow_id_prefix=beside.prefix,
        )
        database = Database(postgres, application="tests")
        opened.push_async_callback(database.close)
        await migrations.migrate(database, MIGRATIONS)
        made = Service(settings, database, issuer=issuer, beside=beside)
        made.temporal = beside.client
        opened.push_async_callback(made.end)
        opened.push_async_callback(made.verifier.close)
        opened.push_async_callback(made.deal_publisher.close)
        opened.push_async_callback(made.activity_publisher.close)
        opened.push_async_callback(made.http.aclose)
        yield made
