"""Budget cycles announce a year at once while something dies: nothing is lost or told otherwise."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from kakehashi_common.contracts.municipalities import municipalities
from tests.support import stack
from tests.support.budget_calendar import BudgetCalendar, installation

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
            return await installed.writing(connection)

        async def committed_and_hardly_reported() -> bool:
            return int(await connection.fetchval("select count(*) from announced")) > announced

        moments = {in_its_transaction: SOME, committed_and_hardly_reported: OTHERS}
        for moment, codes in moments.items():
            (worker,) = await installed.start("worker")
            announced = await connection.fetchval("select count(*) from announced")
            living = asyncio.create_task(installed.live(codes, since=A_YEAR_AGO, now=NOW))
            await worker.freeze_at(moment)
            worker.kill()
            await living
        connection.terminate()
        await installed.start("worker")
        await assert_everything_told_and_told_alike(installed)


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
