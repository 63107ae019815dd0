"""A producer that neither loses nor repeats a record, and its holder."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerClosed

from kakehashi_common.contracts.topics import DEAD_LETTER_RECORD_BYTES
from kakehashi_common.kafka import prompt_close
from kakehashi_common.kafka.diagnostics import explain_unreachable
from kakehashi_common.kafka.metadata_throttle import throttle_metadata
from kakehashi_common.kafka.settings import KafkaSettings

LINGER_MS = 5
"""A record waits this long for others to share a request with; batches fill up under load."""

BATCH_BYTES = 131_072
"""Bytes per partition and request; a few hundred events."""

_CLOSE_SECONDS: Final = 5.0
"""A broker that is unavailable must not hold up the end of a process."""

_ANSWER_SECONDS: Final = 1.0
"""For the answer to a request under way, once nothing more is to be sent."""


def idempotent_producer(settings: KafkaSettings, **overrides: Any) -> AIOKafkaProducer:
    """Return a producer that waits for all replicas and numbers its records; not started yet.

    An idempotent aiokafka producer retries for ever while the broker is unavailable: bound the wait
    with ``asyncio.timeout``. After a record that the broker refused (too large, say) the numbering
    has a gap and every later send to that partition fails: stop it and make a new one.

    Args:
        settings: How to reach Kafka.
        overrides: Other arguments of ``AIOKafkaProducer``.
    """
    prompt_close.install()
    arguments: dict[str, Any] = {
        "acks": "all",
        "enable_idempotence": True,
        "linger_ms": LINGER_MS,
        "max_batch_size": BATCH_BYTES,
        "max_request_size": DEAD_LETTER_RECORD_BYTES,
    }
    producer = AIOKafkaProducer(**settings.client_arguments(), **(arguments | overrides))
    throttle_metadata(producer.client)
    connect = producer.client.bootstrap

    async def explaining_connect() -> None:
        async with explain_unreachable(settings):
            await connect()

    producer.client.bootstrap = explaining_connect
    return producer


async def acknowledged(sends: Iterable[Awaitable["asyncio.Future[Any]"]]) -> None:
    """Await each ``producer.send(…)`` in turn, then that the broker has acknowledged all.

    Raises:
        KafkaError: one was not taken.
    """
    await asyncio.gather(*[await send for send in sends])


class LazyProducer:
    """One producer, started by its first use. Once it is closed, the next use starts another."""

    def __init__(self, make: Callable[[], AIOKafkaProducer]) -> None:
        """Prepare. ``make`` returns a producer that is not started yet."""
        self._make = make
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def started(self) -> AIOKafkaProducer:
        """Return the producer, connected.

        Waits for the broker as long as need be: bound it with ``asyncio.timeout``.

        Raises:
            KafkaError: the broker is unavailable.
        """
        async with self._starting:
            if self._producer is None:
                producer = self._make()
                try:
                    await producer.start()
                except BaseException:
                    await _cut(producer)
                    raise
                self._producer = producer
            return self._producer

    async def close(self, producer: AIOKafkaProducer | None = None) -> None:
        """Stop it once what is left is sent, or can't be sent in time.

        If ``producer`` is given, only if it is still kept.
        """
        kept = self._producer
        if kept is not None and producer in {None, kept}:
            self._producer = None
            await _stop(kept)

    async def abandon(self) -> None:
        """Stop it without sending what is left."""
        kept, self._producer = self._producer, None
        if kept is not None:
            await _cut(kept)


async def _stop(producer: AIOKafkaProducer) -> None:
    """Stop a producer once what is left is sent; what the broker doesn't take in time is dropped.

    An idempotent producer tries for ever: it would go on after its successor has sent newer
    messages, when Kafka comes back.
    """
    stopping = asyncio.create_task(producer.stop())
    try:
        await asyncio.wait([stopping], timeout=_CLOSE_SECONDS)
        if not stopping.done():
            await _drop_unsent(producer)
            await asyncio.wait([stopping], timeout=_CLOSE_SECONDS)
    finally:
        stopping.cancel()  # without effect where it has finished
        with suppress(KafkaError, asyncio.CancelledError):
            await stopping


async def _cut(producer: AIOKafkaProducer) -> None:
    """Stop a producer without sending what is left."""
    await _drop_unsent(producer)
    await _stop(producer)


async def _drop_unsent(producer: AIOKafkaProducer) -> None:
    """End what a producer is sending, and fail what it hasn't sent."""
    sending = producer._sender.sender_task  # noqa: SLF001 - aiokafka has no other way
    # A sender that is cancelled waits for its request's answer; the second time it doesn't.
    for patience in (_ANSWER_SECONDS, _CLOSE_SECONDS):
        if sending is not None and not sending.done():
            sending.cancel()
            await asyncio.wait([sending], timeout=patience)
    producer._message_accumulator.fail_all(ProducerClosed())  # noqa: SLF001 - same
