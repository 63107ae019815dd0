"""Whole handoffs beside workflows that do nothing: ``make bench-handoffs``, in README.md.

A handoff is requested by update-with-start, assigned by the rotation, accepted, contacted and
closed; each step is answered once it is recorded, with its events, in PostgreSQL. Then more are
left open than a worker keeps in memory (``max_cached_workflows``), and its memory is read: further
ones would only take the place of others.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any, Final

import typer

from benchmarks import machine
from benchmarks.calendars import resident, starting
from benchmarks.contestants import Contestant, running, wait_until_ready
from benchmarks.goals import Goal
from benchmarks.servers import NoServersError, Servers, opened
from benchmarks.watching import Cpu
from handoff.container import Container
from handoff.domain.handoff.commands import Accept, Close, RecordContact, Request
from handoff.domain.handoff.terms import Kind, Outcome
from handoff.domain.teams.members import Member, Role, Team
from handoff.domain.teams.working_time import OFFICE_HOURS
from handoff.handoffs.messages import HandoffStatus
from handoff.settings import MIGRATIONS, HandoffSettings
from handoff.teams import repository as teams
from kakehashi_common import migrations
from kakehashi_common.db import Database
from kakehashi_common.domain.business_time import BusinessTime
from kakehashi_common.errors import TransientError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.settings import DatabaseSettings
from kakehashi_common.terminal import Console

OPS_PORT: Final = 28099
_KIND: Final = Kind(Role.INSIDE_SALES, Role.FIELD_SALES)
_TEAM: Final = Team("kanto", "関東営業部", OFFICE_HOURS)
_SELLERS: Final = 20
_AT_ONCE: Final = 16
"""Handoffs under way at a time."""


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation of handoff of its own."""

    servers: Servers
    name: str
    database_url: str

    @property
    def settings(self) -> HandoffSettings:
        """The settings of this process, and of the worker by its environment."""
        prefix = self.servers.prefix(self.name)
        own: dict[str, Any] = {
            "database": {"url": self.database_url},
            "temporal": {"address": self.servers.temporal, "task_queue": prefix},
            "auth": {"jwks_url": "http://127.0.0.1:1", "issuer": "http://127.0.0.1:1"},
            "workflow_id_prefix": prefix,
        }
        return HandoffSettings(**own)

    @contextmanager
    def worker(self) -> Iterator[Contestant]:
        """``python -m handoff worker``, ready."""
        prefix = self.servers.prefix(self.name)
        environment = {
            "HANDOFF_DATABASE__URL": self.database_url,
            "HANDOFF_TEMPORAL__ADDRESS": self.servers.temporal,
            "HANDOFF_TEMPORAL__TASK_QUEUE": prefix,
            "HANDOFF_WORKFLOW_ID_PREFIX": prefix,
            "HANDOFF_AUTH__JWKS_URL": "http://127.0.0.1:1",
            "HANDOFF_AUTH__ISSUER": "http://127.0.0.1:1",
            "HANDOFF_OPS__PORT": str(OPS_PORT),
        }
        ready = f"http://127.0.0.1:{OPS_PORT}/readyz"
        with running("handoff worker", ("handoff", "worker"), environment, ready) as started:
            wait_until_ready(started)
            yield started

    def opened(self) -> AbstractAsyncContextManager[Container]:
        """Its use cases, for use in this process."""
        return opened(Container, self.settings)


@contextmanager
def installed(servers: Servers, name: str) -> Iterator[Installation]:
    """A new installation with one team; its database is dropped afterwards."""

    async def prepare(url: str) -> None:
        database = Database(DatabaseSettings(url=url), application="benchmarks")
        try:
            await migrations.migrate(database, MIGRATIONS)
            async with database.transaction() as connection:
                await teams.put(connection, _TEAM)
                for number in range(_SELLERS):
                    seller = Member(
                        f"s-{number}",
                        _TEAM.team_id,
                        frozenset({Role.FIELD_SALES}),
                        capacity=10_000,
                    )
                    await teams.put(connection, seller)
        finally:
            await database.close()

    with servers.database(name) as url:
        asyncio.run(prepare(url))
        installation = Installation(servers, name, url)
        try:
            yield installation
        finally:
            asyncio.run(_end(installation))


async def _end(installation: Installation) -> None:
    """Terminate what is still open."""
    async with installation.opened() as opened:
        queue = installation.settings.temporal.task_queue
        found = opened.temporal.list_workflows(
            f"TaskQueue = '{queue}' and ExecutionStatus = 'Running'"
        )
        ids = [each.id async for each in found]
        await starting.at_once(
            [opened.temporal.get_workflow_handle(each).terminate() for each in ids]
        )


async def _whole(opened: Container, number: int) -> None:
    """One handoff from its request to the deal's outcome."""
    handoff_id, owner = await _accepted(opened, number)
    for message in (RecordContact(datetime.now(UTC), owner), Close(owner, Outcome.WON)):
        await _answered(partial(opened.handoffs.send, handoff_id, message))


async def _accepted(opened: Container, number: int) -> tuple[str, str]:
    """One handoff that its owner has accepted: its id, and whose it is."""
    begun = await _answered(partial(opened.handoffs.start, _request(number)))
    owner = begun.owner or ""
    await _answered(partial(opened.handoffs.send, begun.handoff_id, Accept(owner)))
    return begun.handoff_id, owner


async def _answered(ask: Callable[[], Awaitable[HandoffStatus]]) -> HandoffStatus:
    """Ask again, as any caller would, while no worker answers in time."""
    while True:
        with suppress(TransientError):
            return await ask()


def _request(number: int) -> Request:
    return Request(
        f"h-{number}",
        f"crm-{number}",
        _KIND,
        "benchmarks",
        municipality_code="102032",
        grade="A1",
        qualification_id=f"q-{number}",
    )


def measure(servers: Servers, whole: int, many: int, console: Console) -> list[Goal]:
    """Measure floor, whole handoffs and the memory of open ones, in one run."""
    ids = [str(number) for number in range(whole)]
    floor = starting.floor(servers, "handoffs-floor", ids)
    no_op = whole / floor.done_seconds
    console.print(
        f"{whole} workflows that do nothing: {no_op:.1f} a second; "
        f"{_each(floor.started.cpu_seconds, whole)}"
    )
    with installed(servers, "handoffs") as installation, installation.worker() as worker:

        async def run(first: int, count: int, life: Any) -> float:
            async with installation.opened() as opened:
                begun = time.perf_counter()
                calls = [life(opened, first + number) for number in range(count)]
                await starting.at_once(calls, _AT_ONCE)
                return time.perf_counter() - begun

        asyncio.run(run(0, _AT_ONCE, _whole))  # warm up
        cpu = Cpu(servers, installation.database_url, worker, temporal=True)
        rate = whole / asyncio.run(run(1_000_000, whole, _whole))
        console.print(
            f"{whole} whole handoffs, {_AT_ONCE} at a time: {rate:.1f} a second; "
            f"{_each(cpu.used(), whole)}"
        )
        with resident.watched(worker) as memory:
            asyncio.run(run(2_000_000, many, _accepted))
        kept = min(many, installation.settings.temporal.max_cached_workflows)
        console.print(
            f"{many} open handoffs, {kept} of them in memory: "
            f"the worker at most {memory.most:.0f} MiB"
        )
    arithmetic = _business_time()
    console.print(f"business time: {arithmetic:.1f} µs of CPU to add two business days")
    return [
        Goal(
            "whole handoffs, of no-op workflows",
            "≥ 0.25",
            f"{rate / no_op:.2f}",
            rate / no_op >= 0.25,
        ),
        Goal(f"memory with {kept} in it", "< 600 MB", f"{memory.most:.0f} MiB", memory.most < 572),
        Goal("business-time arithmetic", "< 50 µs", f"{arithmetic:.1f} µs", arithmetic < 50),
    ]


def _each(cpu_seconds: Mapping[str, float], count: int) -> str:
    """Return what one of ``count`` cost, by process."""
    shares = (f"{name} {1000 * used / count:.0f} ms" for name, used in cpu_seconds.items())
    return "CPU of each: " + ", ".join(shares)


def _business_time() -> float:
    """Microseconds of CPU to add two business days to an instant, the least of many."""
    works = BusinessTime(BUSINESS_DAYS.__contains__, OFFICE_HOURS)
    friday = datetime(2026, 11, 27, 8, 50, tzinfo=UTC)
    passes = []
    for _ in range(2_000):
        begun = time.process_time()
        works.add(friday, timedelta(hours=16))
        passes.append(time.process_time() - begun)
    return 1e6 * min(passes)


def main(
    *,
    whole: Annotated[int, typer.Option(help="Whole handoffs")] = 500,
    many: Annotated[int, typer.Option(help="Handoffs left open")] = 1_200,
) -> None:
    """Measure handoff against workflows that do nothing."""
    console = Console()
    try:
        servers = Servers.of_environment()
    except NoServersError as error:
        console.print(f"error: {error}", style="red")
        raise typer.Exit(2) from None
    console.print(str(machine.describe(servers)), style="dim")
    for goal in measure(servers, whole, many, console):
        console.print(
            f"{goal.what}: {goal.reached} (goal {goal.goal}): {'met' if goal.met else 'missed'}"
        )


if __name__ == "__main__":
    typer.run(main)
