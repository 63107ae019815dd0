"""Running a stream through an installation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.kafka.producer import idempotent_producer
from tests.e2e.outcome import Outcome, outcome_of
from tests.e2e.stream import Feed, Stream
from tests.support.installations import Installation
from tests.support.lead_scoring import installation

_PUBLISHER_WAITS_MS = 240_000

RECORDS_IN_A_BATCH = 200
"""A tenth of the default: a hundred batches, so that faults meet every stage of one."""


@asynccontextmanager
async def fed(stream: Stream, **settings: str) -> AsyncIterator[tuple[Installation, Feed]]:
    """An installation that scores as of the events, and a feed that sends it ``stream``."""
    own = {"CLOCK": "events", "CONSUMER__MAX_RECORDS": str(RECORDS_IN_A_BATCH)}
    async with installation(**own, **settings) as installed:
        # aiokafka gives records up that found no leader for this long.
        producer = idempotent_producer(
            installed.broker.settings, request_timeout_ms=_PUBLISHER_WAITS_MS
        )
        await producer.start()
        try:
            yield installed, Feed(producer, installed.topic(LEAD_EVENTS).name, stream)
        finally:
            await producer.stop()


async def finished(installed: Installation) -> Outcome:
    """Wait until all is handled and told, end the processes in order, and read what came of it."""
    await installed.handled()
    await installed.published()
    for process in installed.processes:
        if process.popen.poll() is None:
            assert await process.stop() == 0
    return await outcome_of(installed)


async def undisturbed_outcome(stream: Stream) -> Outcome:
    """Return the outcome of ``stream`` without any fault."""
    async with fed(stream) as (installed, feed):
        await installed.start("consumer", "relay")
        await feed.send()
        return await finished(installed)
