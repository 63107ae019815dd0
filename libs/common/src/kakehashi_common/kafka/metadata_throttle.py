"""Throttle a Kafka client's requests for metadata to ten a second.

While no broker answers, or a partition has no leader, aiokafka's fetcher and sender ask for new
metadata without a pause: 5,000 refused connections a second (measured), each with two lines of log,
and a whole core per client that the broker then lacks when it starts.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

SHORTEST_PAUSE_SECONDS: Final = 0.1
"""Between two updates: aiokafka's own ``retry_backoff_ms``, which it does not apply here."""


def throttle_metadata(
    client: Any,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Throttle the metadata updates of an ``AIOKafkaClient``; harmless when done already."""
    if getattr(client, "_throttled", False):
        return
    client._throttled = True  # noqa: SLF001 - our own mark
    update = client._metadata_update  # noqa: SLF001 - every request for metadata goes through it
    next_at = 0.0

    async def throttled(cluster: Any, topics: Any) -> Any:
        nonlocal next_at
        asked_at = now()
        pause = next_at - asked_at
        next_at = max(next_at, asked_at) + SHORTEST_PAUSE_SECONDS
        if pause > 0:
            await sleep(pause)
        return await update(cluster, topics)

    client._metadata_update = throttled  # noqa: SLF001 - same
