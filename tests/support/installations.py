"""Services as an operator runs them: real processes, on databases and topics of their own.

A test ends them as badly as it likes (``kill -9``, ``SIGSTOP``); whatever still runs is ended with
the installation. When a test fails, the end of each process's log is printed.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import asyncpg
import httpx
from aiokafka.errors import KafkaError
from temporalio.client import Client
from temporalio.service import RPCError

from kakehashi_common.contracts.topics import TOPICS, Topic
from kakehashi_common.db import Database
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.ports import free_port
from kakehashi_common.settings import DatabaseSettings
from tests.support import stack
from tests.support.kafka import TestBroker, test_broker
from tests.support.postgres import throwaway_database
from tests.support.temporal import temporal_server, terminate_all
from tests.support.waiting import eventually

_READY_WITHIN = 120.0
_LOG_LINES = 40
_LOOK_EVERY = 0.1
"""Seconds between two looks at a process or a server, which take their time from it."""


@dataclass(slots=True)
class Process:
    """One ``python -m <package> …``."""

    name: str
    popen: "subprocess.Popen[bytes]"
    address: str
    """Where it answers HTTP: ``http://127.0.0.1:…``."""
    log: Path

    async def readiness(self) -> dict[str, Any] | None:
        """Return the body of ``/readyz``; ``None`` while nothing answers."""
        with suppress(httpx.HTTPError):
            answer = await _get(f"{self.address}/readyz")
            return dict(answer.json())
        return None

    async def answers(self) -> bool:
        """Whether it answers at all, with any status."""
        return await self.readiness() is not None

    async def failing(self) -> set[str]:
        """The names of the checks that fail; all is well when there are none."""
        found = await self.readiness()
        if found is None:
            return {"process"}
        return {name for name, check in found["checks"].items() if not check["ok"]}

    async def ready(self, within: float = _READY_WITHIN) -> None:
        """Wait until every check passes."""

        async def is_ready() -> bool:
            if self.popen.poll() is not None:
                raise AssertionError(f"{self.name} ended with {self.popen.returncode}")
            return not await self.failing()

        try:
            await eventually(is_ready, within=within, every=_LOOK_EVERY)
        except AssertionError as error:
            raise AssertionError(f"{self.name} is not ready: {await self.readiness()}") from error

    async def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's series that carry ``labels``."""
        answer = await _get(f"{self.address}/metrics")
        assert answer.status_code == HTTPStatus.OK
        return sum(
            float(line.rpartition(" ")[2])
            for line in answer.text.splitlines()
            if line.startswith((f"{name}{{", f"{name} "))
            and all(f'{key}="{value}"' in line for key, value in labels.items())
        )

    def freeze(self) -> None:
        """Stop it where it stands (``SIGSTOP``)."""
        self.popen.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen process go on."""
        self.popen.send_signal(signal.SIGCONT)

    async def freeze_at(self, moment: Callable[[], Awaitable[bool]]) -> None:
        """Stop it again and again for a moment, until it stands where ``moment`` is true."""

        async def stands_there() -> bool:
            self.freeze()
            if await moment():
                return True
            self.thaw()
            return False

        await eventually(stands_there, within=_READY_WITHIN)

    def kill(self) -> None:
        """``kill -9``: it gets no chance to finish anything. Works on a frozen process too."""
        self.popen.kill()
        self.popen.wait()

    async def stop(self, within: float = 40.0) -> int:
        """Ask it to end (``SIGTERM``), wait until it has, and return its exit status."""
        self.popen.terminate()
        return await asyncio.to_thread(self.popen.wait, within)


@dataclass
class Installation:
    """One service: its database, its topics, its consumer group, its processes, its workflows."""

    package: ClassVar[str]
    schedules: ClassVar[Sequence[str]]
    """Schedules that its workers leave in Temporal, which would start workflows for ever."""
    reads: ClassVar[Topic | None] = None
    """The topic of whose events ``handled`` waits."""

    broker: TestBroker
    database: DatabaseSettings
    prefix: str
    logs: Path
    settings: Mapping[str, str]
    """``<PACKAGE>_…`` without the prefix, for every process."""
    processes: list[Process] = field(default_factory=list)

    @property
    def service(self) -> str:
        """The name of the service."""
        return self.package.replace("_", "-")

    @property
    def group(self) -> str:
        """The consumer group."""
        return f"{self.prefix}{self.service}"

    @property
    def task_queue(self) -> str:
        """Where its workers are."""
        return f"{self.prefix}{self.service}"

    def topic(self, declared: Topic) -> Topic:
        """A topic as this installation names it."""
        return replace(declared, name=self.prefix + declared.name)

    async def start(self, *names: str) -> list[Process]:
        """Start ``python -m <package> <name>`` for each, and wait until all are ready."""
        processes = [self.launch(name) for name in names]
        for process in processes:
            await process.ready()
        return processes

    def launch(self, name: str, **settings: str) -> Process:
        """Start a process and wait for nothing."""
        port = free_port()
        log = self.logs / f"{len(self.processes)}-{name}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                [sys.executable, "-m", self.package, name],
                env=self._environment(port, settings),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        process = Process(name, popen, f"http://127.0.0.1:{port}", log)
        self.processes.append(process)
        return process

    async def ask(
        self,
        token: str,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Send a request to the API, again while it is unavailable, and return the answer.

        Args:
            token: the caller's.
            method: of HTTP.
            path: below ``/v1``.
            body: JSON.
            key: the ``Idempotency-Key`` of something that mustn't be done twice.
        """
        headers = {"authorization": f"Bearer {token}"} | (
            {} if key is None else {"idempotency-key": key}
        )
        answers: list[httpx.Response] = []

        async def answered() -> bool:
            api = next(each for each in reversed(self.processes) if each.name == "api")
            with suppress(httpx.TransportError):
                async with httpx.AsyncClient(base_url=f"{api.address}/v1", timeout=60) as client:
                    answer = await client.request(method, path, json=body, headers=headers)
                    answers.append(answer)
                    return answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE
            return False

        await eventually(answered, within=120, what=f"an answer to {method} {path}", every=0.1)
        assert answers[-1].is_success, answers[-1].text
        shown: dict[str, Any] = answers[-1].json() if answers[-1].content else {}
        return shown

    async def fetch(self, query: str, *arguments: Any) -> Sequence[asyncpg.Record]:
        """Ask the database over a connection of its own, which no restart can have broken."""
        connection = await self.connect()
        try:
            return await connection.fetch(query, *arguments)
        finally:
            await connection.close()

    async def connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        """Open a connection to the database; the caller closes it."""
        return await asyncpg.connect(self.database.url, timeout=5)

    async def unhandled(self) -> int:
        """Count the records of its topic that the group has not committed yet."""
        assert self.reads is not None
        topic = self.topic(self.reads).name
        committed = await self.broker.committed(self.group)
        ends = await self.broker.ends(topic)
        return sum(end - max(0, committed.get(tp, 0)) for tp, end in ends.items())

    async def handled(self, *, within: float = 90.0) -> None:
        """Wait until every event has been handled and its offset committed."""

        async def all_of_them() -> bool:
            with suppress(KafkaError):
                return not await self.unhandled()
            return False

        await eventually(all_of_them, within=within, what="all events handled", every=_LOOK_EVERY)

    async def published(self, *, within: float = 60.0) -> None:
        """Wait until the outbox is empty."""

        async def outbox_is_empty() -> bool:
            with suppress(OSError, asyncpg.PostgresError):
                return not await self.fetch("select from outbox limit 1")
            return False

        await eventually(
            outbox_is_empty, within=within, what="the outbox is empty", every=_LOOK_EVERY
        )

    def end(self) -> None:
        """Kill what still runs."""
        for process in self.processes:
            if process.popen.poll() is None:
                process.kill()

    def tell(self) -> None:
        """Print the end of every log, for a person who reads why a test failed."""
        for process in self.processes:
            lines = process.log.read_text(errors="replace").splitlines()
            print(f"--- {process.log.name} (exit status {process.popen.poll()}) ---")  # noqa: T201
            print(*lines[-_LOG_LINES:], sep="\n")  # noqa: T201

    def own_settings(self) -> dict[str, str]:
        """Settings that only this installation has, besides its database, topics and ports."""
        own = {"TEMPORAL__TASK_QUEUE": self.task_queue, "WORKFLOW_ID_PREFIX": self.prefix}
        if self.reads is not None:
            # The shortest that Kafka accepts: how long the partitions of a killed consumer wait.
            own |= {"GROUP_ID": self.group, "CONSUMER__SESSION_TIMEOUT_SECONDS": "6"}
        return own

    def _environment(self, port: int, settings: Mapping[str, str]) -> dict[str, str]:
        own = {
            "DATABASE__URL": self.database.url,
            "TOPIC_PREFIX": self.prefix,
            "OPS__PORT": str(port),
            "HTTP__PORT": str(port),
            **self.own_settings(),
            **self.settings,
            **settings,
        }
        return {
            **os.environ,
            **stack.environment(),
            **{f"{self.package.upper()}_{name}": value for name, value in own.items()},
        }

    async def temporal(self) -> Client:
        """A client for its workflows."""
        return (await temporal_server()).client


Made = TypeVar("Made", bound=Installation)


@asynccontextmanager
async def installed(
    make: Callable[[TestBroker, DatabaseSettings, str, Path, Mapping[str, str]], Made],
    prepare: Callable[[Database], Awaitable[object]],
    settings: Mapping[str, str],
    *,
    topics: Iterable[Topic] = TOPICS,
    beside: Installation | None = None,
    kafka: KafkaSettings | None = None,
) -> AsyncIterator[Made]:
    """Install a service; nothing runs yet, and nothing of it is left afterwards.

    Args:
        make: makes the installation.
        prepare: brings the schema up to date, and stores what the service needs.
        settings: for every process.
        topics: that it makes.
        beside: the service whose topics it shares instead.
        kafka: the broker of its topics, if not the one that tests use.
    """
    async with AsyncExitStack() as opened:
        url = await opened.enter_async_context(throwaway_database())
        logs = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="kakehashi-")))
        if beside is None:
            broker = await opened.enter_async_context(test_broker(kafka))
            prefix = f"{url.url.rpartition('/')[2].replace('_', '-')}-"
        else:
            broker, prefix = beside.broker, beside.prefix
        made = make(broker, url, prefix, logs, settings)
        if beside is None:
            await broker.create([made.topic(topic) for topic in topics])
        database = Database(url, application="tests")
        try:
            await prepare(database)
        finally:
            await database.close()
        opened.push_async_callback(_leave_nothing_in_temporal, made)
        opened.callback(made.end)
        try:
            yield made
        except BaseException:
            made.tell()
            raise


async def _leave_nothing_in_temporal(made: Installation) -> None:
    client = await made.temporal()
    for name in made.schedules:
        with suppress(RPCError):  # without a worker there is none
            await client.get_schedule_handle(f"{made.prefix}{made.service}/{name}").delete()
    await terminate_all(client, made.task_queue)


async def _get(url: str) -> httpx.Response:
    # Without certificates: loading them takes longer than the answer.
    async with httpx.AsyncClient(verify=False, timeout=5) as client:  # noqa: S501 - plain HTTP
        return await client.get(url)
