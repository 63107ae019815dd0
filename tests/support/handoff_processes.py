"""Handoff as an operator runs it: real processes, on a database and topics of their own."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Final

import asyncpg
from temporalio.service import RPCError

from handoff import scopes
from handoff.settings import MIGRATIONS
from kakehashi_common import migrations
from kakehashi_common.cloudevents.codec import encode
from kakehashi_common.contracts.events import Event
from kakehashi_common.contracts.lead_scores import LeadQualified
from kakehashi_common.contracts.topics import LEAD_QUALIFIED, TOPICS
from kakehashi_common.db import Database
from kakehashi_common.runtime.issuer import Issuer
from tests.support.issuing import settings_of
from tests.support.kafka import TestBroker, test_broker
from tests.support.lead_scoring import Installation
from tests.support.postgres import throwaway_database
from tests.support.temporal import temporal_server, terminate_all
from tests.support.waiting import eventually

SCOPES: Final = (
    scopes.READ,
    scopes.WRITE,
    scopes.WRITE_EVENTS,
    scopes.WRITE_POLICIES,
    scopes.WRITE_TEAMS,
)
_WORKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday")
HOURS: Final = {day: ["09:00-18:00"] for day in _WORKDAYS}
KIRYU: Final = "102032"
PURGE_SCHEDULE: Final = "handoff/purge-old-rows"


@dataclass
class HandoffInstallation(Installation):
    """One handoff: its database, its topics, its processes, its workflows."""

    package: ClassVar[str] = "handoff"

    issuer: Issuer = field(kw_only=True)

    @property
    def group(self) -> str:
        return f"{self.prefix}handoff"

    @property
    def task_queue(self) -> str:
        """Where its workers are."""
        return f"{self.prefix}handoff"

    def own_settings(self) -> dict[str, str]:
        return {
            "GROUP_ID": self.group,
            # The shortest that Kafka accepts: how long the partitions of a killed consumer wait.
            "CONSUMER__SESSION_TIMEOUT_SECONDS": "6",
            "TEMPORAL__TASK_QUEUE": self.task_queue,
            "WORKFLOW_ID_PREFIX": self.prefix,
            **settings_of(self.issuer),
        }

    async def unhandled(self) -> int:
        """How many records of ``lead-qualified-v1`` lie behind what the group has committed."""
        topic = self.topic(LEAD_QUALIFIED).name
        committed = await self.broker.committed(self.group)
        ends = await self.broker.ends(topic)
        return sum(end - max(0, committed.get(tp, 0)) for tp, end in ends.items())

    async def qualify(self, *qualifications: Event[LeadQualified]) -> None:
        """Publish qualifications as lead-scoring does."""
        records = [encode(event, key=event.data.lead_id) for event in qualifications]
        await self.broker.publish(self.topic(LEAD_QUALIFIED), records)

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, key: str | None = None
    ) -> dict[str, Any]:
        """Ask the API as `Installation.ask` does."""
        token = self.issuer.token("tester", list(SCOPES))
        return await self.ask(token, method, path, body, key)

    async def hire(self) -> None:
        """Enter a team with two in field sales and one in inside sales."""
        await self.call("PUT", "/teams/east", {"name": "東日本営業部", "hours": HOURS})
        for member_id, role in (
            ("fs-1", "field_sales"),
            ("fs-2", "field_sales"),
            ("is-1", "inside_sales"),
        ):
            member = {"team_id": "east", "name": "佐藤 花子", "roles": [role], "capacity": 5}
            await self.call("PUT", f"/members/{member_id}", member)

    async def handoff_of(self, lead_id: str, status: str) -> dict[str, Any]:
        """Wait until a lead's newest handoff is recorded with a status, and return it."""
        found: list[dict[str, Any]] = []

        async def stands() -> bool:
            with suppress(asyncpg.PostgresError, OSError):
                rows = await self.fetch(
                    "select handoff_id from handoff where lead_id = $1 and status = $2",
                    lead_id, status,
                )  # fmt: skip
                found[:] = [dict(row) for row in rows]
            return bool(found)

        await eventually(stands, within=120, what=f"{lead_id} is {status}", every=0.1)
        return await self.call("GET", f"/handoffs/{found[0]['handoff_id']}")


def qualified(lead_id: str, number: int = 1) -> Event[LeadQualified]:
    """A lead's ``number``-th qualification."""
    return Event(
        event_id=f"{lead_id}/qualified/{number}",
        source="//kakehashi/lead-scoring",
        occurred_at=datetime(2026, 11, 2, 1, number, tzinfo=UTC),
        data=LeadQualified.model_validate(
            {
                "lead_id": lead_id,
                "municipality_code": KIRYU,
                "fit": 80,
                "engagement": 70,
                "grade": "A1",
                "qualified_at": datetime(2026, 11, 2, 1, number, tzinfo=UTC),
                "qualification": number,
                "rule_set": "default",
                "rule_version": 1,
                "contributions": [],
            }
        ),
    )


@asynccontextmanager
async def installation(
    issuer: Issuer, beside: Installation | None = None, **settings: str
) -> AsyncIterator[HandoffInstallation]:
    """Install handoff; nothing runs yet.

    Args:
        issuer: whose tokens it accepts.
        beside: the service whose topics it shares; topics of its own if left out.
        settings: ``HANDOFF_…`` without the prefix, for every process.
    """
    async with AsyncExitStack() as opened:
        url = await opened.enter_async_context(throwaway_database())
        logs = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="handoff-")))
        broker: TestBroker
        if beside is None:
            broker = await opened.enter_async_context(test_broker())
            prefix = f"{url.url.rpartition('/')[2].replace('_', '-')}-"
        else:
            broker, prefix = beside.broker, beside.prefix
        made = HandoffInstallation(broker, url, prefix, logs, settings, issuer=issuer)
        if beside is None:
            await broker.create([made.topic(topic) for topic in TOPICS])
        database = Database(url, application="tests")
        try:
            await migrations.migrate(database, MIGRATIONS)
        finally:
            await database.close()
        opened.push_async_callback(_leave_nothing_in_temporal, made)
        opened.callback(made.end)
        try:
            yield made
        except BaseException:
            made.tell()
            raise


async def _leave_nothing_in_temporal(installed: HandoffInstallation) -> None:
    client = (await temporal_server()).client
    with suppress(RPCError):  # without a worker there is none
        await client.get_schedule_handle(f"{installed.prefix}{PURGE_SCHEDULE}").delete()
    await terminate_all(client, installed.task_queue)
