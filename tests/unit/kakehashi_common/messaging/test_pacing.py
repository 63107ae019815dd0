"""A client that finds no broker asks again, and not as fast as it can."""

import asyncio
from itertools import pairwise

from kakehashi_common.messaging.pacing import SHORTEST_PAUSE_SECONDS, pace_metadata


class Client:
    """As much of aiokafka's client as is paced."""

    def __init__(self) -> None:
        self.asked_at: list[float] = []

    async def _metadata_update(self, _cluster: object, _topics: object) -> bool:
        self.asked_at.append(asyncio.get_running_loop().time())
        return False

    async def update(self) -> bool:
        return await self._metadata_update(None, None)


async def test_updates_of_metadata_are_spaced() -> None:
    client = Client()
    pace_metadata(client)
    pace_metadata(client)
    assert await asyncio.gather(*(client.update() for _ in range(4))) == [False] * 4
    gaps = [after - before for before, after in pairwise(client.asked_at)]
    assert all(gap >= SHORTEST_PAUSE_SECONDS * 0.9 for gap in gaps)
