"""A component looks for work until it is told to stop, whatever one look runs into."""

import asyncio
from datetime import timedelta

import pytest

from kakehashi_common.errors import BusyError, FaultError, KakehashiError, TransientError
from kakehashi_common.polling import poll


@pytest.mark.parametrize(
    "trouble",
    [
        TransientError("Temporal is unavailable"),
        BusyError("no worker has answered in time"),
        FaultError("stuck", code="workflow_stuck", public="stuck"),
    ],
)
async def test_trouble_in_one_look_does_not_end_the_component(trouble: KakehashiError) -> None:
    stop = asyncio.Event()
    looks = 0

    async def look() -> None:
        nonlocal looks
        looks += 1
        if looks < 3:
            raise trouble
        stop.set()

    await poll(stop, look, "work waits", every=timedelta(0))
    assert looks == 3


async def test_a_backlog_is_worked_off_without_a_pause_until_a_look_is_not_full() -> None:
    stop = asyncio.Event()
    left, looks = 10, 0

    async def look() -> int:
        nonlocal left, looks
        looks += 1
        done = min(left, 4)
        left -= done
        if looks == 3:
            asyncio.get_running_loop().call_soon(stop.set)
        return done

    await asyncio.wait_for(
        poll(stop, look, "work waits", every=timedelta(days=1), full=4), timeout=30
    )
    assert (left, looks) == (0, 3)


async def test_a_bug_ends_it() -> None:
    async def look() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await poll(asyncio.Event(), look, "work waits")
