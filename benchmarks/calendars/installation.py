"""An installation of budget-calendar of its own: database, topics, task queue, workflow ids."""

import asyncio
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from benchmarks.contestants import Contestant, running, wait_until_ready
from benchmarks.servers import Servers, opened
from budget_calendar.bootstrap import install
from budget_calendar.container import Container
from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.registry.snapshot import shipped
from budget_calendar.settings import BudgetCalendarSettings
from kakehashi_common.audit import Actor
from kakehashi_common.contracts.topics import BUDGET_PHASES
from kakehashi_common.db import Database
from kakehashi_common.settings import DatabaseSettings

API, API_OPS, WORKER_OPS, RELAY_OPS = 28096, 28096, 28097, 28098
"""Ports, beside those of the other contestants."""

AUTHOR: Final = Actor(who="system:benchmarks", origin="benchmarks")

_NEVER: Final = timedelta(days=1)
"""Keeps the notification schedule out of the way: the benchmark notifies workflows itself."""


def all_municipalities(at_most: int | None = None) -> list[str]:
    """The codes of the first municipalities of the shipped registry; prefectures are none."""
    codes = sorted(each.code for each in shipped() if each.type is not MunicipalityType.PREFECTURE)
    return codes[:at_most]


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation; its processes are started the way they are in production."""

    servers: Servers
    name: str
    database_url: str

    @property
    def prefix(self) -> str:
        """Before the names of its topics, queues and workflows."""
        return self.servers.prefix(self.name)

    @property
    def topic(self) -> str:
        """Where phases are published."""
        return self.prefix + BUDGET_PHASES.name

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables of its processes; everything else is as in production."""
        return {
            "BUDGET_CALENDAR_DATABASE__URL": self.database_url,
            "BUDGET_CALENDAR_KAFKA__BOOTSTRAP_SERVERS": self.servers.kafka,
            "BUDGET_CALENDAR_TEMPORAL__ADDRESS": self.servers.temporal,
            "BUDGET_CALENDAR_TEMPORAL__TASK_QUEUE": self.prefix,
            "BUDGET_CALENDAR_TOPIC_PREFIX": self.prefix,
            "BUDGET_CALENDAR_WORKFLOW_ID_PREFIX": self.prefix,
            "BUDGET_CALENDAR_TELL_EVERY": f"PT{_NEVER.total_seconds():.0f}S",
        }

    @property
    def settings(self) -> BudgetCalendarSettings:
        """The settings that its processes have."""
        own: dict[str, Any] = {
            "database": {"url": self.database_url},
            "temporal": {"address": self.servers.temporal, "task_queue": self.prefix},
            "topic_prefix": self.prefix,
            "workflow_id_prefix": self.prefix,
        }
        return BudgetCalendarSettings(**own)

    @contextmanager
    def worker(self) -> Iterator[Contestant]:
        """``python -m budget_calendar worker``, ready."""
        with self._running("worker", WORKER_OPS) as started:
            yield started

    @contextmanager
    def relay(self) -> Iterator[Contestant]:
        """``python -m budget_calendar relay``, ready."""
        with self._running("relay", RELAY_OPS) as started:
            yield started

    def opened(self) -> AbstractAsyncContextManager[Container]:
        """Its use cases, its database and its Temporal, for use in this process."""
        return opened(Container, self.settings)

    @contextmanager
    def _running(self, process: str, port: int) -> Iterator[Contestant]:
        environment = self.environment | {"BUDGET_CALENDAR_OPS__PORT": str(port)}
        readiness = f"http://127.0.0.1:{port}/readyz"
        with running(process, ("budget_calendar", process), environment, readiness) as started:
            wait_until_ready(started)
            yield started


@contextmanager
def installed(servers: Servers, name: str) -> Iterator[Installation]:
    """A new installation; its workflows are ended and its database dropped afterwards."""

    async def migrate(url: str) -> None:
        database = Database(DatabaseSettings(url=url), application="benchmarks")
        try:
            await install(database)
        finally:
            await database.close()

    servers.make_topics(servers.prefix(name))
    with servers.database(name) as url:
        asyncio.run(migrate(url))
        installation = Installation(servers, name, url)
        try:
            yield installation
        finally:
            asyncio.run(_end_everything(installation))


async def _end_everything(installation: Installation) -> None:
    """Terminate the workflows and delete the schedules that the installation leaves behind."""
    prefix = installation.prefix
    async with installation.opened() as opened:
        client = opened.temporal
        async for schedule in await client.list_schedules():
            if schedule.id.startswith(prefix):
                await client.get_schedule_handle(schedule.id).delete()
        room = asyncio.Semaphore(32)

        async def end(workflow_id: str) -> None:
            async with room:
                await client.get_workflow_handle(workflow_id).terminate("the benchmark is over")

        async with asyncio.TaskGroup() as tasks:
            async for each in client.list_workflows(
                f"TaskQueue = '{prefix}' and ExecutionStatus = 'Running'"
            ):
                tasks.create_task(end(each.id))
