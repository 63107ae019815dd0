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


async def test_a_bug_ends_it() -> None:
    async def look() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await poll(asyncio.Event(), look, "work waits")
