"""A client that finds no broker asks again, and not as fast as it can."""

import asyncio
from itertools import pairwise

import pytest

from kakehashi_common.kafka.metadata_throttle import SHORTEST_PAUSE_SECONDS, throttle_metadata


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Client:
    """As much of aiokafka's client as is throttled."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.asked_at: list[float] = []

    async def _metadata_update(self, _cluster: object, _topics: object) -> bool:
        self.asked_at.append(self.clock.time())
        return False

    async def update(self) -> bool:
        return await self._metadata_update(None, None)


@pytest.mark.parametrize("throttled", [1, 2])
async def test_updates_of_metadata_are_spaced(throttled: int) -> None:
    clock = Clock()
    client = Client(clock)
    for _ in range(throttled):  # a second time changes nothing
        throttle_metadata(client, now=clock.time, sleep=clock.sleep)

    assert [await client.update() for _ in range(4)] == [False] * 4

    gaps = [after - before for before, after in pairwise(client.asked_at)]
    assert gaps == pytest.approx([SHORTEST_PAUSE_SECONDS] * 3)


async def test_updates_that_are_asked_for_at_once_wait_for_each_other() -> None:
    clock = Clock()
    client = Client(clock)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    throttle_metadata(client, now=clock.time, sleep=sleep)
    await asyncio.gather(*(client.update() for _ in range(4)))

    assert slept == pytest.approx([SHORTEST_PAUSE_SECONDS * n for n in (1, 2, 3)])


async def test_an_update_after_a_while_does_not_wait() -> None:
    clock = Clock()
    client = Client(clock)
    throttle_metadata(client, now=clock.time, sleep=clock.sleep)

    await client.update()
    clock.now += 60
    await client.update()

    assert client.asked_at == [1000.0, 1060.0]
