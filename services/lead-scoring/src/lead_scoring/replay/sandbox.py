"""Lead-scoring beside itself: own database, topics, consumer and relay, on the same servers.

A replay of the past runs in one, so that its leads are no leads of the service.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import httpx
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from kakehashi_common.clock import WallClock
from kakehashi_common.contracts.topics import TOPICS
from kakehashi_common.db import Database
from kakehashi_common.kafka import topics
from kakehashi_common.ports import free_port
from lead_scoring.bootstrap import install
from lead_scoring.settings import LeadScoringSettings

READY_WITHIN_SECONDS = 60.0
STOPPED_WITHIN_SECONDS = 20.0
PROCESSES = ("consumer", "relay")

_MAINTENANCE = "postgres"
"""The database that every server has, to make others from."""


class SandboxError(RuntimeError):
    """A process of the sandbox did not start or ended early; the message has its last lines."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running one."""

    settings: LeadScoringSettings
    """Those of the service, with the sandbox's database, topics, group and clock."""
    database: Database


@asynccontextmanager
async def sandbox(service: LeadScoringSettings, name: str, rules: str) -> AsyncIterator[Sandbox]:
    """Start one that scores by the rule set ``rules`` (YAML), each lead as of its own events.

    ``name`` is a part of its topics' names, which are deleted at the end, and of its database's,
    which is created again each time and stays for whoever wants to look.

    Raises:
        SandboxError: a process did not become ready.
    """
    settings = service.model_copy(
        update={
            "database": service.database.model_copy(
                update={"url": _database_url(service.database.url, f"lead_scoring_{name}")}
            ),
            "topic_prefix": f"{name}-{os.getpid()}-",
            "group_id": f"lead-scoring-{name}-{os.getpid()}",
            "clock": "events",
        }
    )
    await _make_database(service, f"lead_scoring_{name}")
    async with AsyncExitStack() as stack:
        database = Database(settings.database, application=f"lead-scoring/{name}")
        stack.push_async_callback(database.close)
        await install(database, WallClock(), rules)
        await stack.enter_async_context(_topics(settings))
        folder = Path(stack.enter_context(TemporaryDirectory()))
        running = [
            await stack.enter_async_context(_process(process, settings, folder))
            for process in PROCESSES
        ]
        for process in running:
            await process.ready()
        yield Sandbox(settings, database)


def _database_url(url: str, database: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))


async def _make_database(service: LeadScoringSettings, name: str) -> None:
    """An empty database beside the service's; one of that name is dropped."""
    url = _database_url(service.database.url, _MAINTENANCE)
    settings = service.database.model_copy(update={"url": url})
    server = Database(settings, application="lead-scoring/sandbox")
    try:
        async with server.engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await autocommit.execute(text(f'drop database if exists "{name}" with (force)'))
            await autocommit.execute(text(f'create database "{name}"'))
    except (DBAPIError, OSError) as error:
        raise SandboxError(f"the database {name} can't be made: {error}") from None
    finally:
        await server.close()


@asynccontextmanager
async def _topics(settings: LeadScoringSettings) -> AsyncIterator[None]:
    own = [replace(topic, name=settings.topic_prefix + topic.name) for topic in TOPICS]
    declared = topics.declared(own)
    async with topics.admin_client(settings.kafka) as admin:
        await topics.apply(admin, declared)
        try:
            yield
        finally:
            await admin.delete_topics([topic.name for topic in declared])


@dataclass(frozen=True, slots=True)
class _Running:
    name: str
    process: asyncio.subprocess.Process
    log: Path
    port: int

    async def ready(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + READY_WITHIN_SECONDS
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.port}") as client:
            while loop.time() < deadline and self.process.returncode is None:
                try:
                    if (await client.get("/readyz")).is_success:
                        return
                except httpx.TransportError:
                    pass  # it does not listen yet
                await asyncio.sleep(0.1)
        last = "\n".join(self.log.read_text(encoding="utf-8").splitlines()[-5:])
        raise SandboxError(f"the {self.name} did not become ready:\n{last}")


@asynccontextmanager
async def _process(
    name: str, settings: LeadScoringSettings, folder: Path
) -> AsyncIterator[_Running]:
    port = free_port()
    log = folder / f"{name}.log"
    with _appending(log) as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lead_scoring",
            name,
            stdout=output,
            stderr=output,
            env={
                **os.environ,
                "LEAD_SCORING_DATABASE__URL": settings.database.url,
                "LEAD_SCORING_TOPIC_PREFIX": settings.topic_prefix,
                "LEAD_SCORING_GROUP_ID": settings.group_id,
                "LEAD_SCORING_CLOCK": settings.clock,
                "LEAD_SCORING_READ_BUDGET_PHASES": "false",
                "LEAD_SCORING_READ_HANDOFFS": "false",
                "LEAD_SCORING_READ_FOLLOWUPS": "false",
                "LEAD_SCORING_OPS__PORT": str(port),
            },
        )
        try:
            yield _Running(name, process, log, port)
        finally:
            await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOPPED_WITHIN_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


@contextmanager
def _appending(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
