"""20,000 events through the real pipeline while something dies, and nothing is lost or doubled.

What every test proves in the end is in :mod:`tests.e2e.outcome`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg
import httpx

from kakehashi_common.contracts.topics import LEAD_QUALIFIED, LEAD_SCORES
from tests.e2e.outcome import Outcome, assert_nothing_lost_or_doubled
from tests.e2e.running import fed, finished
from tests.e2e.stream import Stream
from tests.support.installations import Installation, Process
from tests.support.waiting import eventually


def test_scores_are_those_of_the_pure_domain(made_stream: Stream, undisturbed: Outcome) -> None:
    assert len(made_stream.events) > 20_000
    assert_nothing_lost_or_doubled(undisturbed, made_stream)


async def test_consumer_killed_in_its_transaction_and_before_its_offsets_moved(
    sent: Stream, undisturbed: Outcome
) -> None:
    async with fed(sent) as (installed, feed):
        await feed.send()
        await installed.start("relay")
        consumer = installed.launch("consumer")
        async with _connected(installed) as connection:

            async def in_its_transaction() -> bool:
                return await _fetches(connection, _WRITING)

            async def before_its_offsets_moved() -> bool:
                admitted = await connection.fetchval("select count(*) from inbox")
                committed = await installed.broker.committed(installed.group)
                return int(admitted) > len(sent.prefix(committed))

            for moment in [in_its_transaction, before_its_offsets_moved] * 2:
                await _freeze_at(consumer, moment)
                consumer.kill()
                assert await installed.unhandled() > 0
                consumer = installed.launch("consumer")
        outcome = await finished(installed)
    assert_nothing_lost_or_doubled(outcome, sent, undisturbed)


_WRITING = """
    select pid from pg_stat_activity
    where datname = current_database() and application_name = 'lead-scoring/consumer'
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


async def test_relay_killed_between_publish_and_delete(sent: Stream, undisturbed: Outcome) -> None:
    async with fed(sent) as (installed, feed):
        await installed.start("consumer")
        await feed.send()
        await installed.handled()
        for _ in range(2):
            await _kill_relay_between_publish_and_delete(installed)
        await installed.start("relay")
        outcome = await finished(installed)
    assert outcome.redelivered > 0
    assert_nothing_lost_or_doubled(outcome, sent, undisturbed)


async def _kill_relay_between_publish_and_delete(installed: Installation) -> None:
    """Kill a relay that has a round on the topics and, as it must, still in the outbox.

    It commits a round's delete after it has taken the next round. PostgreSQL grants table locks
    in the order of asking: one lock of ours is asked for after the relay's first round, and its
    second round waits behind that. So it stands still between the two for as long as we like.
    """
    before = await _published_and_stored(installed)
    async with _connected(installed) as first, _connected(installed) as second:
        opening = first.transaction()
        await opening.start()
        await first.execute(_LOCK_OUTBOX)
        relay = installed.launch("relay")
        await eventually(lambda: _waiting_for_outbox(installed, 1), within=120)
        await second.transaction().start()
        asking = asyncio.create_task(second.execute(_LOCK_OUTBOX))
        await eventually(lambda: _waiting_for_outbox(installed, 2))
        await opening.rollback()

        async def published_and_not_deleted() -> bool:
            # Deleting after publishing leaves the sum as it was; publishing alone raises it.
            return await _published_and_stored(installed) > before

        await eventually(published_and_not_deleted)
        relay.kill()
        await asking


_LOCK_OUTBOX = "lock table outbox in share mode"


async def _published_and_stored(installed: Installation) -> int:
    topics = [installed.topic(topic).name for topic in (LEAD_SCORES, LEAD_QUALIFIED)]
    published = [sum((await installed.broker.ends(name)).values()) for name in topics]
    stored = (await installed.fetch("select count(*) from outbox"))[0][0]
    return sum(published) + int(stored)


async def _waiting_for_outbox(installed: Installation, count: int) -> bool:
    waiting = await installed.fetch(
        "select from pg_locks where relation = 'outbox'::regclass and not granted "
        "and database = (select oid from pg_database where datname = current_database())"
    )
    return len(waiting) == count


@asynccontextmanager
async def _connected(
    installed: Installation,
) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await installed.connect()
    try:
        yield connection
    finally:
        connection.terminate()


async def test_a_second_consumer_joins_and_leaves_mid_stream(
    sent: Stream, undisturbed: Outcome
) -> None:
    async with fed(sent) as (installed, feed):
        await installed.start("consumer", "relay")
        second = installed.launch("consumer")
        await feed.trickle(second.answers, up_to=0.3)
        sending = asyncio.create_task(feed.send(0.6))
        await eventually(lambda: _has_consumed(second), within=60, every=0.1)
        await sending
        sending = asyncio.create_task(feed.send(1.0))
        assert await second.stop() == 0
        await sending
        outcome = await finished(installed)
    assert_nothing_lost_or_doubled(outcome, sent, undisturbed)


async def test_a_frozen_consumer_wakes_up_without_its_partitions(
    sent: Stream, undisturbed: Outcome
) -> None:
    """It still has a transaction open, over the same events that its successor now reads."""
    async with fed(sent) as (installed, feed):
        await feed.send()
        await installed.start("relay")
        frozen = installed.launch("consumer")
        async with _connected(installed) as connection:
            await _freeze_at(frozen, lambda: _fetches(connection, _WRITING))
            successor = installed.launch("consumer")

            async def successor_works_or_waits() -> bool:
                return await _fetches(connection, _WAITING) or await _has_consumed(successor)

            await eventually(successor_works_or_waits, within=120, every=0.1)
        frozen.thaw()
        outcome = await finished(installed)
    assert_nothing_lost_or_doubled(outcome, sent, undisturbed)


_WAITING = """
    select pid from pg_stat_activity
    where datname = current_database() and application_name = 'lead-scoring/consumer'
    and wait_event_type = 'Lock'
"""


async def _fetches(connection: "asyncpg.Connection[asyncpg.Record]", query: str) -> bool:
    return await connection.fetchval(query) is not None


async def _has_consumed(process: Process) -> bool:
    with suppress(httpx.HTTPError):
        return await process.metric("kakehashi_consumer_consumed_total") > 0
    return False
