"""A block that works while statements run, and what happens when either fails."""

import asyncio

import pytest

from lead_scoring.scoring.overlap import chunks, overlap


class Statements:
    """Statements that end when told to, or with an error."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended = ""

    async def run(self) -> int:
        try:
            await self.answer
        except BaseException as error:
            self.ended = type(error).__name__
            raise
        self.ended = "done"
        return 7


async def test_the_block_and_the_statements_go_on_together_and_both_end_before_it_is_left() -> None:
    statements = Statements()
    seen = []
    async with overlap(statements.run()) as told:
        async for part in chunks(range(1000)):
            seen.append((part[0], part[-1]))
            assert statements.ended == ""
        asyncio.get_running_loop().call_soon(statements.answer.set_result, None)
    assert told.result() == 7
    assert seen == [(0, 399), (400, 799), (800, 999)]


async def test_others_run_before_each_part() -> None:
    statements = Statements()
    statements.answer.set_result(None)
    async with overlap(statements.run()):
        async for _ in chunks([1]):
            assert statements.ended == "done"


async def test_an_error_of_the_statements_is_raised_at_the_end_of_the_block() -> None:
    statements = Statements()
    statements.answer.set_exception(ConnectionError("gone"))
    worked = []

    async def work() -> None:
        async with overlap(statements.run()):
            worked.extend([part async for part in chunks([1])])

    with pytest.raises(ConnectionError, match="gone"):
        await work()
    assert worked == [(1,)]


@pytest.mark.parametrize("both", [False, True], ids=["the block alone", "both"])
async def test_an_error_of_the_block_ends_the_statements_and_is_the_one_raised(both: bool) -> None:  # noqa: FBT001
    statements = Statements()
    if both:
        statements.answer.set_exception(ConnectionError("gone"))

    async def work() -> None:
        async with overlap(statements.run()):
            async for _ in chunks([1]):
                raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        await work()
    assert statements.ended == ("ConnectionError" if both else "CancelledError")


async def test_whoever_is_cancelled_meanwhile_cancels_the_statements() -> None:
    statements = Statements()

    async def work() -> None:
        async with overlap(statements.run()):
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert statements.ended == "CancelledError"
