"""The demo's journey on the stack's own processes, as ``make demo`` runs it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from rich.cells import cell_len
from temporalio.service import RPCError

from tests.support import stack
from tests.support.temporal import temporal_server

pytestmark = pytest.mark.timeout(600, func_only=True)

ROOT = Path(__file__).parents[2]
STEPS = 10
WIDTH = 100
NOT_WRAPPED = ("http", "file:")


@pytest_asyncio.fixture(scope="module", autouse=True)
async def processes() -> AsyncIterator[None]:
    await asyncio.to_thread(stack.up)
    yield
    await asyncio.to_thread(stack.stop_services)
    client = (await temporal_server()).client
    ours = tuple(f"{service.name}/" for service in stack.INSTANCE.services)
    async for schedule in await client.list_schedules():
        if schedule.id.startswith(ours):
            await client.get_schedule_handle(schedule.id).delete()
    queues = " OR ".join(f"TaskQueue='{service.name}'" for service in stack.INSTANCE.services)
    async for each in client.list_workflows(f"ExecutionStatus='Running' AND ({queues})"):
        with suppress(RPCError):
            await client.get_workflow_handle(each.id).terminate()


async def journey(folder: Path, *arguments: str) -> tuple[int | None, str]:
    """Run it; its exit code and what it prints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "examples.journey", *arguments,
        cwd=folder,
        env={
            **os.environ,
            **stack.environment(),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": str(WIDTH),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode, output.decode()


def steps(said: str) -> list[str]:
    """Return the output of each step, the title first."""
    return re.split(r"^\d+  (?=.* ─+$)", said, flags=re.MULTILINE)[1:]


async def test_one_lead_goes_through_all_services_and_the_next_run_takes_another_city(
    tmp_path: Path,
) -> None:
    cities = []
    for _ in range(2):
        code, said = await journey(tmp_path, "--within", "200")  # beside other tests
        assert code == 0, said
        found = steps(said)
        assert len(found) == STEPS, said
        for step in found:
            assert re.search(r"→ .+ (http|file:)\S+", step), step
        cities += re.findall(r"The budget year of (\S+) says", said)
        [mail] = re.findall(r"→ The mail +(http\S+)", said)
        async with httpx.AsyncClient() as client:
            shown = (await client.get(mail)).text
        assert "前田 浩" in shown
        assert "List-Unsubscribe=One-Click" in shown
        lines = [line for line in said.splitlines() if not any(u in line for u in NOT_WRAPPED)]
        assert max(map(cell_len, lines)) <= WIDTH
    assert len(set(cities)) == 2


async def test_a_journey_without_followups_worker_stops_at_its_step(tmp_path: Path) -> None:
    await asyncio.to_thread(stack.stop, "followup-worker")
    try:
        code, said = await journey(tmp_path, "--within", "45")
    finally:
        await asyncio.to_thread(stack.start, "followup-worker")

    assert code == 1, said
    assert "This did not happen: 5  For 前田 浩 of the finance section" in said
    assert "waited 45 s for the entry into the playbook; found: " in said
