"""Running a stream through an installation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from kakehashi_common.contracts.topics import LEAD_EVENTS
from tests.e2e.outcome import Outcome, outcome_of
from tests.e2e.stream import Feed, Stream
from tests.support.lead_scoring import Installation, installation

RECORDS_IN_A_BATCH = 200
"""A tenth of the default: a hundred batches, so that faults meet every stage of one."""


@asynccontextmanager
async def fed(stream: Stream) -> AsyncIterator[tuple[Installation, Feed]]:
    """An installation that scores as of the events, and a feed that sends it ``stream``."""
    settings = {"CLOCK": "events", "CONSUMER__MAX_RECORDS": str(RECORDS_IN_A_BATCH)}
    async with installation(**settings) as installed, installed.broker.producer() as producer:
        yield installed, Feed(producer, installed.topic(LEAD_EVENTS).name, stream)


async def finished(installed: Installation) -> Outcome:
    """Wait until all is handled and told, end the processes in order, and read what came of it."""
    await installed.handled()
    await installed.published()
    for process in installed.processes:
        if process.popen.poll() is None:
            assert await process.stop() == 0
    return await outcome_of(installed)
