"""The relay: publishes what is in the outbox, in order, and deletes it once acknowledged.

One relay is active, by PostgreSQL advisory locks; others stand by and take over within
a second, or :data:`~kakehashi_common.outbox.sessions.IDLE_TIMEOUT` after a relay froze. Each round
takes the lowest ids in one transaction, publishes them, waits for every acknowledgement, and only
then commits the delete. While the broker works, the next round's rows are already being taken on a
second connection; they are sent only after the former round was acknowledged, so that the order
holds whatever fails.

Whatever fails ends the session: connections are dropped, which rolls back and unlocks, the
producer is closed, and a new session starts after a pause. A message is then sent again at most;
it is never lost. What a relay that froze sends when it wakes, the broker refuses. See ADR 0009, and
the outbox's contract about the order of one key.
"""

import asyncio
import contextlib
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from operator import itemgetter

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced
from opentelemetry.trace import SpanKind
from sqlalchemy import Table

from kakehashi_common import metrics
from kakehashi_common.db import RawConnection, transient_errors
from kakehashi_common.domain.backoff import Backoff
from kakehashi_common.errors import TransientError
from kakehashi_common.kafka.fencing import fence
from kakehashi_common.kafka.producer import LazyProducer
from kakehashi_common.outbox.publication import MessageTooLargeError, publish
from kakehashi_common.outbox.sessions import RelaySessions, relay_sessions
from kakehashi_common.outbox.store import decode_headers
from kakehashi_common.processes import unless_stopped
from kakehashi_common.settings import DatabaseSettings
from kakehashi_common.telemetry import batch_span

log = structlog.get_logger(__name__)

ROUND_SIZE = 1000
"""Messages per transaction: 500 to 1,000 cost the least per message (measured)."""

IDLE_POLL_INTERVAL = timedelta(milliseconds=25)
"""Interval between two polls of an empty outbox; a poll is one index probe."""

BUSY_POLL_INTERVAL = timedelta(milliseconds=5)
"""Pause before the next poll of an outbox that had messages; each empty poll doubles it."""

STANDBY_INTERVAL = timedelta(milliseconds=500)
"""Interval between a stand-by relay's attempts to become the active one."""

ACKNOWLEDGE_TIMEOUT = timedelta(seconds=20)
"""A round that the broker has not acknowledged by then is rolled back, to free the database."""

LAST_ROUND_TIMEOUT = timedelta(seconds=5)
"""The same once the relay is to stop: a broker that hangs must not hold up the process's end."""

MAX_SESSION_AGE = timedelta(days=1)
"""After this a session ends of its own accord and another begins: the broker forgets a producer's
epoch, and with it whom to refuse, when it has not been asked for one for seven days."""

STUCK_AFTER = timedelta(seconds=10)
"""A poll or a round that takes longer is shown by ``/readyz``."""

_MAX_LINKS = 100
"""Messages per round whose traces the round's span may link to."""

_BACKOFF = Backoff(timedelta(seconds=0.2), longest=timedelta(seconds=5))
"""Before a new session."""


@dataclass(slots=True)
class _Round:
    """Rows whose deletion is not committed yet."""

    connection: RawConnection
    transaction: asyncpg.transaction.Transaction
    rows: Sequence[asyncpg.Record]
    """id, topic, key, value, headers; in the order of ids."""


class Relay:
    """Publishes one outbox. Run it as a component of a process."""

    def __init__(
        self,
        database: DatabaseSettings,
        outbox: Table,
        producer: Callable[[], AIOKafkaProducer],
        *,
        round_size: int = ROUND_SIZE,
    ) -> None:
        """Prepare; nothing connects before :meth:`run`.

        Args:
            database: where the outbox is.
            outbox: the table that :func:`kakehashi_common.outbox.store.table` declared.
            producer: makes a producer that is not started yet, idempotent, with ``acks=all`` and
                a ``max_batch_size`` of a few hundred KB: a round is then one batch per partition.
            round_size: messages per transaction.
        """
        self._database = database
        self._table = outbox
        self._producer = producer
        self._round_size = round_size
        self._labels = {"outbox": outbox.fullname}
        self._moved_at = 0.0
        self._waits_for = "PostgreSQL"
        self.active = False
        """Whether this relay is the outbox's publisher."""
        self._connected_producer: AIOKafkaProducer | None = None
        self._problem = "the relay has not connected to PostgreSQL and Kafka yet"

    async def run(self, stop: asyncio.Event) -> None:
        """Publish until ``stop`` is set; wait for servers that are unavailable."""
        failures = 0
        while not stop.is_set():
            started = time.monotonic()
            try:
                await self._session(stop)
            except (TransientError, KafkaError, TimeoutError, MessageTooLargeError) as error:
                # A session that worked for a while resets the pauses.
                lasted = time.monotonic() - started
                failures = 1 if lasted > ACKNOWLEDGE_TIMEOUT.total_seconds() * 2 else failures + 1
                pause = _pause(failures)
                metrics.OUTBOX_FAILURES.add(1, self._labels)
                self._problem = _describe(error)
                log.warning(
                    "outbox relay starts over",
                    reason=self._problem,
                    pause_seconds=round(pause, 2),
                    **self._labels,
                )
                await _wait(stop, pause)

    async def ping(self) -> None:
        """Prove that messages can flow; for ``/readyz``.

        Raises:
            TransientError: PostgreSQL or Kafka is unavailable, or the relay waits for one of them.
        """
        producer = self._connected_producer
        if producer is None:
            raise TransientError(self._problem)
        waited = time.monotonic() - self._moved_at
        if waited > STUCK_AFTER.total_seconds():
            raise TransientError(f"the relay has waited {waited:.0f} s for {self._waits_for}")
        if not await producer.client.force_metadata_update():
            raise TransientError("the relay's Kafka broker does not answer")

    @contextlib.contextmanager
    def _waiting_for_kafka(self) -> Iterator[None]:
        self._waits_for = "Kafka"
        try:
            yield
        finally:
            self._waits_for = "PostgreSQL"

    async def _session(self, stop: asyncio.Event) -> None:
        kept = LazyProducer(self._producer)
        async with relay_sessions(self._database, self._table) as sessions:
            try:
                if not await unless_stopped(stop, kept.started()):
                    return
                producer = await kept.started()
                self._moved_at = time.monotonic()
                self._connected_producer = producer
                if await self._become_active(sessions, producer, stop):
                    await self._publish_rounds(sessions, producer, stop)
            finally:
                self.active = False
                self._connected_producer = None
                metrics.OUTBOX_ACTIVE.set(0, self._labels)
                await kept.abandon()

    async def _become_active(
        self, sessions: RelaySessions, producer: AIOKafkaProducer, stop: asyncio.Event
    ) -> bool:
        """Stand by until no other relay is active; return whether this one is now."""
        while not await sessions.take_over():
            self._moved_at = time.monotonic()
            await _wait(stop, STANDBY_INTERVAL.total_seconds())
            if stop.is_set():
                return False
        async with _answered_in_time(
            "the broker gave the relay no producer id: does it have a transaction coordinator "
            "(transaction.state.log.replication.factor)?",
            stop,
        ):
            name = await sessions.identity()
            with self._waiting_for_kafka():
                await sessions.keep_alive_during(fence(producer, name))
        self.active = True
        log.info("outbox relay is active", **self._labels)
        metrics.OUTBOX_ACTIVE.set(1, self._labels)
        return True

    async def _publish_rounds(
        self, sessions: RelaySessions, producer: AIOKafkaProducer, stop: asyncio.Event
    ) -> None:
        ends_at = time.monotonic() + MAX_SESSION_AGE.total_seconds()
        pause = IDLE_POLL_INTERVAL
        connection = sessions.first
        while not stop.is_set() and time.monotonic() < ends_at:
            self._moved_at = time.monotonic()
            connection = sessions.other(connection)  # alternate: neither may idle
            if await self._drain(connection, sessions, producer, stop):
                pause = BUSY_POLL_INTERVAL
            else:
                await _wait(stop, pause.total_seconds())
                pause = min(pause * 2, IDLE_POLL_INTERVAL)

    async def _drain(
        self,
        connection: RawConnection,
        sessions: RelaySessions,
        producer: AIOKafkaProducer,
        stop: asyncio.Event,
    ) -> bool:
        """Publish rounds until one is empty; return whether anything was published."""
        with transient_errors():
            if not await connection.fetchval(
                f"select exists (select from {self._table.fullname} where shard = 0)"  # noqa: S608
            ):
                return False
            current = await self._take_round(connection)
            while current.rows and not stop.is_set():
                try:
                    current = await self._publish(current, sessions, producer, stop)
                except MessageTooLargeError as refused:
                    await current.transaction.rollback()
                    await self._set_aside(current.connection, refused)
                    raise
                self._moved_at = time.monotonic()
            await current.transaction.rollback()
            return True

    async def _publish(
        self,
        current: _Round,
        sessions: RelaySessions,
        producer: AIOKafkaProducer,
        stop: asyncio.Event,
    ) -> _Round:
        """Publish and delete ``current``; return the next round, taken at the same time."""
        with batch_span(
            "outbox publish",
            (decode_headers(row[4]) for row in islice(current.rows, _MAX_LINKS)),
            kind=SpanKind.PRODUCER,
            attributes={"messaging.batch.message_count": len(current.rows)},
        ):
            async with _answered_in_time("the broker acknowledged nothing", stop):
                with self._waiting_for_kafka():
                    publication = await sessions.keep_alive_during(publish(producer, current.rows))
                following = await self._take_round(sessions.other(current.connection))
                with self._waiting_for_kafka():
                    await sessions.keep_alive_during(publication.acknowledged())
        await current.transaction.commit()
        metrics.OUTBOX_PUBLISHED.add(len(current.rows), self._labels)
        return following

    async def _take_round(self, connection: RawConnection) -> _Round:
        """Delete the lowest ids in a transaction that stays open, and return them.

        Rows that the other connection has taken are skipped. By ``ctid``, because its plan can't
        turn into a scan of the whole table when the statistics are old.
        """
        transaction = connection.transaction()
        await transaction.start()
        rows = await connection.fetch(
            f"delete from {self._table.fullname} where ctid = any(array("  # noqa: S608
            f"select ctid from {self._table.fullname} where shard = 0 "
            "order by id limit $1 for update skip locked)) "
            "returning id, topic, key, value, headers",
            self._round_size,
        )
        return _Round(connection, transaction, sorted(rows, key=itemgetter(0)))

    async def _set_aside(self, connection: RawConnection, refused: MessageTooLargeError) -> None:
        """Set aside messages that the broker never accepts (``shard`` -1), and log them.

        They would block every message behind them. An operator mends the cause and sets ``shard``
        back to 0.
        """
        log.error("outbox messages set aside", ids=refused.ids, reason=str(refused), **self._labels)
        metrics.OUTBOX_SET_ASIDE.add(len(refused.ids), self._labels)
        await connection.execute(
            f"update {self._table.fullname} set shard = -1 "  # noqa: S608
            "where shard = 0 and id = any($1::bigint[])",
            refused.ids,
        )


@asynccontextmanager
async def _answered_in_time(otherwise: str, stop: asyncio.Event) -> AsyncIterator[None]:
    started = time.monotonic()
    try:
        async with asyncio.timeout(ACKNOWLEDGE_TIMEOUT.total_seconds()) as limit:
            hurrying = asyncio.create_task(_hurry(limit, stop))
            try:
                yield
            finally:
                hurrying.cancel()
    except TimeoutError:
        raise TransientError(f"{otherwise} (waited {time.monotonic() - started:.0f} s)") from None


async def _hurry(limit: asyncio.Timeout, stop: asyncio.Event) -> None:
    """Wait less than ``limit`` once ``stop`` is set."""
    await stop.wait()
    soon = asyncio.get_running_loop().time() + LAST_ROUND_TIMEOUT.total_seconds()
    when = limit.when()
    if when is not None and not limit.expired():
        limit.reschedule(min(when, soon))


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), timeout=seconds)


def _describe(error: BaseException) -> str:
    """Return what went wrong, with the name of the server that is unavailable."""
    if isinstance(error, ProducerFenced):
        return "another relay has taken over"
    text = str(error) or type(error).__name__
    return f"Kafka can't be reached: {text}" if isinstance(error, KafkaError) else text


def _pause(failures: int) -> float:
    spread = random.random()  # noqa: S311 - spreads load, guards nothing
    return _BACKOFF.pause(failures, spread=spread).total_seconds()
