"""No request that can be made of handoff's description finds a fault."""

import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from handoff.http import examples
from handoff.settings import MIGRATIONS
from kakehashi_common import migrations
from kakehashi_common.clock import japan_day
from kakehashi_common.contracts.topics import DEAL_EVENTS, SELLER_ACTIVITIES
from kakehashi_common.db import Database
from kakehashi_common.ports import free_port
from tests.support import extreme_dates, stack
from tests.support.fuzzing import fuzz
from tests.support.handoff_api import SCOPES, record
from tests.support.handoffs import Life
from tests.support.installations import Process
from tests.support.issuing import issuing, settings_of
from tests.support.kafka import test_broker as a_broker
from tests.support.postgres import throwaway_database


@pytest_asyncio.fixture(scope="module")
async def http(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API that is a process of its own, with every scope."""
    async with AsyncExitStack() as opened:
        url = await opened.enter_async_context(throwaway_database())
        database = Database(url, application="tests")
        try:
            await migrations.migrate(database, MIGRATIONS)
            life = Life(
                "2026-11-30 10:00",
                handoff_id=examples.HANDOFF,
                lead_id=examples.LEAD,
                members=[examples.MEMBER],
            )
            await record(database, life.state)
        finally:
            await database.close()
        issuer = await opened.enter_async_context(issuing())
        broker = await opened.enter_async_context(a_broker())
        prefix = f"test-{uuid.uuid4().hex[:12]}-"
        collected = (DEAL_EVENTS, SELLER_ACTIVITIES)
        await broker.create([replace(topic, name=prefix + topic.name) for topic in collected])
        port = free_port()
        own = settings_of(issuer) | {"DATABASE__URL": url.url, "HTTP__PORT": str(port)}
        own |= {
            "TOPIC_PREFIX": prefix,
            "TEMPORAL__TASK_QUEUE": f"fuzzed-{port}",
            "WORKFLOW_ID_PREFIX": f"fuzzed-{port}/",
        }
        logs = tmp_path_factory.mktemp("handoff")
        ops_port = free_port()
        for process in (
            _launch("api", own, port, logs / "api.log"),
            _launch("worker", own | {"OPS__PORT": str(ops_port)}, ops_port, logs / "worker.log"),
        ):
            opened.callback(process.kill)
            await process.ready()
        client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}",
            headers={"authorization": f"Bearer {issuer.token('tester', list(SCOPES))}"},
            timeout=30,
        )
        yield await opened.enter_async_context(client)


def _launch(name: str, own: Mapping[str, str], port: int, log: Path) -> Process:
    settings = {f"HANDOFF_{name}": value for name, value in own.items()}
    with log.open("wb") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", "handoff", name],
            env={**os.environ, **stack.environment(), **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Process(name, popen, f"http://127.0.0.1:{port}", log)


BEFORE: dict[str, tuple[str, ...]] = {
    "close_handoff": ("accept_handoff",),
    "judge_packet_field": ("enter_packet_field",),
    "resubmit_handoff": ("reject_handoff",),
    "resume_clocks": ("pause_clocks",),
}
"""Operations that have to come first, so that the example of an operation makes sense."""


class Examples:
    """The examples of the API's description, as requests."""

    def __init__(self, http: httpx.AsyncClient, described: dict[str, Any]) -> None:
        self._http = http
        self._operations = {
            operation["operationId"]: (method, path)
            for path, methods in described.items()
            for method, operation in methods.items()
        }
        self._paths = examples.path_values()
        self._handoffs = 0

    async def send(self, operation: str) -> httpx.Response:
        """Send an example; of a handoff's operation to one where it makes sense."""
        if "{handoff_id}" in self._operations[operation][1]:
            self._handoffs += 1
            requested = await self._send("request_handoff", lead_id=f"crm-{self._handoffs}")
            self._paths["handoff_id"] = requested.json()["handoff_id"]
            for earlier in BEFORE.get(operation, ()):
                assert (await self._send(earlier)).status_code == 200
            if operation == "wake_handoff":
                tomorrow = japan_day(_now() + timedelta(days=1)).isoformat()
                recycled = {"reason": "too_early", "missing_facts": [], "until": tomorrow}
                assert (await self._send("reject_handoff", **recycled)).status_code == 200
        return await self._send(operation)

    async def _send(self, operation: str, **differences: Any) -> httpx.Response:
        method, path = self._operations[operation]
        value = examples.bodies()[operation]["example"]["value"]
        if isinstance(value, str):
            given: dict[str, Any] = {
                "content": value.encode(),
                "headers": {"content-type": "text/csv"},
            }
        else:
            if "{handoff_id}" in path:  # the days of an example pass
                moments = {"at": _now(), "until": _now() + timedelta(days=1)}
                differences = {
                    name: moment.isoformat() for name, moment in moments.items() if name in value
                } | differences
            given = {"json": value | differences}
        path = path.format_map(self._paths)
        answer = await self._http.request(method, path, **given)
        if answer.status_code == HTTPStatus.PRECONDITION_REQUIRED:
            given["headers"] = {"if-match": "*"}
            answer = await self._http.request(method, path, **given)
        return answer


def _now() -> datetime:
    return datetime.now(UTC)


async def test_the_examples_work_in_their_order(http: httpx.AsyncClient) -> None:
    shown = Examples(http, (await http.get("/openapi.json")).json()["paths"])
    for operation in examples.bodies():
        answer = await shown.send(operation)
        assert answer.is_success, (operation, answer.text)


async def test_no_date_is_too_early_or_too_late_for_an_answer(http: httpx.AsyncClient) -> None:
    await http.put("/v1/teams/kanto", json=examples.bodies()["put_team"]["example"]["value"])
    await http.put("/v1/members/s-1042", json=examples.bodies()["put_member"]["example"]["value"])
    api = (await http.get("/openapi.json")).json()
    found = await extreme_dates.answers(http, extreme_dates.changes(api))
    assert any("/absences/" in what for what in found)
    found |= await extreme_dates.answers(http, extreme_dates.reads(api))
    assert {what: status for what, status in found.items() if status >= 500} == {}


async def test_schemathesis_finds_nothing(http: httpx.AsyncClient) -> None:
    await fuzz(http, phases="examples,coverage,fuzzing,stateful", examples=3)
