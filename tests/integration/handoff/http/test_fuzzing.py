"""No request that can be made of handoff's description finds a fault."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from handoff.http import examples
from handoff.settings import MIGRATIONS
from kakehashi_common import migrations
from kakehashi_common.db import Database
from tests.support import extreme_dates, stack
from tests.support.fuzzing import fuzz
from tests.support.handoff_api import SCOPES, record
from tests.support.handoffs import Life
from tests.support.issuing import issuing, settings_of
from tests.support.lead_scoring import Process
from tests.support.network import free_port
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
        port = free_port()
        own = settings_of(issuer) | {"DATABASE__URL": url.url, "HTTP__PORT": str(port)}
        api = _launch(own, port, tmp_path_factory.mktemp("handoff") / "api.log")
        opened.callback(api.kill)
        await api.ready()
        client = httpx.AsyncClient(
            base_url=api.address,
            headers={"authorization": f"Bearer {issuer.token('tester', list(SCOPES))}"},
            timeout=30,
        )
        yield await opened.enter_async_context(client)


def _launch(own: Mapping[str, str], port: int, log: Path) -> Process:
    settings = {f"HANDOFF_{name}": value for name, value in own.items()}
    with log.open("wb") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", "handoff", "api"],
            env={**os.environ, **stack.environment(), **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    return Process("api", popen, f"http://127.0.0.1:{port}", log)


async def test_the_examples_work_in_their_order(http: httpx.AsyncClient) -> None:
    described = (await http.get("/openapi.json")).json()["paths"]
    operations = {
        operation["operationId"]: (method, path)
        for path, methods in described.items()
        for method, operation in methods.items()
    }
    for operation, shown in examples.bodies().items():
        method, path = operations[operation]
        value = shown["example"]["value"]
        given: dict[str, Any] = (
            {"content": value.encode(), "headers": {"content-type": "text/csv"}}
            if isinstance(value, str)
            else {"json": value, "headers": {"if-match": "*"}}
        )
        answer = await http.request(method, path.format_map(examples.path_values()), **given)
        assert answer.status_code == 200, answer.text


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
