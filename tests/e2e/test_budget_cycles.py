"""Budget cycles announce a year at once while something dies: nothing is lost or told otherwise."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from kakehashi_common.contracts.municipalities import municipalities
from tests.support import stack
from tests.support.budget_calendar import BudgetCalendar, installation
from tests.support.lead_scoring import Process
from tests.support.waiting import eventually

pytestmark = pytest.mark.timeout(
    600
)  # five starts of a worker, which a busy machine takes time for

GUNMA = sorted(each.code for each in municipalities().values() if each.prefecture == "群馬県")
SOME, OTHERS = GUNMA[:18], GUNMA[18:]

NOW = datetime.now(UTC)
A_YEAR_AGO = NOW - timedelta(days=365)


async def assert_everything_told_and_told_alike(installed: BudgetCalendar) -> None:
    assert len(installed.expected) > 40 * len(GUNMA)
    await installed.all_announced()
    contents = await installed.contents()
    assert contents.keys() == installed.expected.keys()
    assert {len(each) for each in contents.values()} == {1}


async def test_worker_killed_in_mid_activity_and_before_it_reported() -> None:
    async with installation() as installed:
        await installed.start("relay")
        connection = await installed.connect()
        announced = 0

        async def in_its_transaction() -> bool:
            return await connection.fetchval(_WRITING) is not None

        async def committed_and_hardly_reported() -> bool:
            return int(await connection.fetchval("select count(*) from announced")) > announced

        moments = {in_its_transaction: SOME, committed_and_hardly_reported: OTHERS}
        for moment, codes in moments.items():
            (worker,) = await installed.start("worker")
            announced = await connection.fetchval("select count(*) from announced")
            living = asyncio.create_task(installed.live(codes, since=A_YEAR_AGO, now=NOW))
            await _freeze_at(worker, moment)
            worker.kill()
            await living
        connection.terminate()
        await installed.start("worker")
        await assert_everything_told_and_told_alike(installed)


_WRITING = """
    select pid from pg_stat_activity
    where datname = current_database() and application_name = 'budget-calendar/worker'
    and backend_xid is not null
"""


async def _freeze_at(process: Process, moment: Callable[[], Awaitable[bool]]) -> None:
    """Stop a process again and again for a moment, until it stands where ``moment`` is true."""

    async def stands_there() -> bool:
        process.freeze()
        if await moment():
            return True
        process.thaw()
        return False

    await eventually(stands_there, within=120)


@pytest.mark.disruptive
@pytest.mark.parametrize("server", ["kafka", "postgres", "temporal"])
async def test_a_server_goes_away_while_phases_begin(server: str) -> None:
    async with installation() as installed:
        relay, worker = await installed.start("relay", "worker")
        await installed.live(SOME, since=A_YEAR_AGO, now=NOW)
        if server == "postgres":  # lives can't be followed without it
            await installed.live(OTHERS, since=A_YEAR_AGO, now=NOW)
        await asyncio.to_thread(stack.stop, server)
        if server == "kafka":
            await installed.live(OTHERS, since=A_YEAR_AGO, now=NOW)
        await asyncio.to_thread(stack.start, server)
        if server == "temporal":
            await worker.ready()
            await installed.live(OTHERS, since=A_YEAR_AGO, now=NOW)
        await assert_everything_told_and_told_alike(installed)
        assert [process.popen.poll() for process in (relay, worker)] == [None, None]
