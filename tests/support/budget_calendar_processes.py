"""Budget-calendar as processes of its own, on the servers that tests use."""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from temporalio.client import Client
from temporalio.service import RPCError

from budget_calendar.bootstrap import install
from budget_calendar.notifications.client import NOTIFICATION_SCHEDULE
from kakehashi_common.db import Database
from kakehashi_common.ports import free_port
from kakehashi_common.runtime.issuer import Issuer
from tests.support import stack
from tests.support.installations import Process
from tests.support.issuing import settings_of
from tests.support.postgres import throwaway_database
from tests.support.temporal import temporal_server

PROCESSES = ("api", "worker")
_SCHEDULES = ("open-fiscal-year", "forget-old")


@dataclass
class Installation:
    """An API and a worker, and what a command needs to reach them."""

    api: Process
    prefix: str
    """Of its workflows' ids."""
    environment: Mapping[str, str]


@asynccontextmanager
async def installation(issuer: Issuer) -> AsyncIterator[Installation]:
    """Install budget-calendar and start it; nothing of it is left afterwards."""
    async with AsyncExitStack() as opened:
        url = await opened.enter_async_context(throwaway_database())
        database = Database(url, application="tests")
        try:
            await install(database)
        finally:
            await database.close()
        prefix = f"{urlsplit(url.url).path.strip('/')}/"
        logs = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="budget-calendar-")))
        environment = {
            **os.environ,
            **stack.environment(),
            **{f"BUDGET_CALENDAR_{name}": value for name, value in settings_of(issuer).items()},
            "BUDGET_CALENDAR_DATABASE__URL": url.url,
            "BUDGET_CALENDAR_TOPIC_PREFIX": prefix.strip("/"),
            "BUDGET_CALENDAR_TEMPORAL__TASK_QUEUE": f"{prefix}budget-calendar",
            "BUDGET_CALENDAR_WORKFLOW_ID_PREFIX": prefix,
            "BUDGET_CALENDAR_TOKEN_URL": issuer.metadata()["token_endpoint"],
        }
        temporal = (await temporal_server()).client
        opened.push_async_callback(_forget, temporal, prefix)
        processes = [_launch(name, logs, environment) for name in PROCESSES]
        for process in processes:
            opened.callback(process.kill)
        for process in processes:
            await process.ready()
        api = processes[0]
        yield Installation(api, prefix, environment | {"BUDGET_CALENDAR_API_URL": api.address})


def _launch(name: str, logs: Path, environment: Mapping[str, str]) -> Process:
    port = str(free_port())
    log = logs / f"{name}.log"
    ports = {"BUDGET_CALENDAR_OPS__PORT": port, "BUDGET_CALENDAR_HTTP__PORT": port}
    with log.open("wb") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", "budget_calendar", name],
            env={**environment, **ports},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Process(name, popen, f"http://127.0.0.1:{port}", log)


async def _forget(temporal: Client, prefix: str) -> None:
    """End what a worker left in Temporal, which would otherwise wake for ever."""
    schedules = [prefix + NOTIFICATION_SCHEDULE]
    schedules += [f"{prefix}budget-calendar/{name}" for name in _SCHEDULES]
    for schedule in schedules:
        with suppress(RPCError):
            await temporal.get_schedule_handle(schedule).delete()
    running = f'WorkflowId STARTS_WITH "{prefix}" AND ExecutionStatus="Running"'
    async for each in temporal.list_workflows(running):
        with suppress(RPCError):
            await temporal.get_workflow_handle(each.id).terminate()
