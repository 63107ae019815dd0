"""One batch subscription on FastStream 0.7, with its traps closed.

* Its parser is replaced: a null or non-UTF-8 header must not fail before our code.
* Its acknowledgement is off: it would commit the consumer's position, and so what is only queued.
* Nothing we give it may raise: it logs an exception and polls on, and the next commit passes over
  the batch.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiokafka.abc import ConsumerRebalanceListener
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from kakehashi_common.consumer.group_instance import GroupInstance
from kakehashi_common.consumer.settings import ConsumerSettings
from kakehashi_common.contracts.topics import Topic
from kakehashi_common.kafka import prompt_close, record_batches
from kakehashi_common.kafka.settings import KafkaSettings, SaslMechanism

log = structlog.get_logger(__name__)

_log = logging.getLogger("kakehashi_common.faststream")
# It warns at every start that it must not create topics.
_log.addFilter(lambda record: "Auto create topics is disabled" not in record.getMessage())

_SASL: dict[SaslMechanism, type[SASLPlaintext | SASLScram256 | SASLScram512]] = {
    "PLAIN": SASLPlaintext,
    "SCRAM-SHA-256": SASLScram256,
    "SCRAM-SHA-512": SASLScram512,
}

_UNBLOCK_SECONDS = 2.0
"""Time limit for the queueing to end when FastStream stops."""

_LEAVE_SECONDS = 4.0
"""Time limit for leaving the group, the queueing's end included: with the batch in hand and the
dead letters' producer it must fit into what a process has to stop."""


def subscribe(
    kafka: KafkaSettings,
    topics: Sequence[Topic],
    member: GroupInstance,
    settings: ConsumerSettings,
    *,
    decode: Callable[[Any], Awaitable[Any]],
    queue: Callable[[Any], Awaitable[None]],
    listener: ConsumerRebalanceListener,
) -> tuple[KafkaBroker, BatchSubscriber]:
    """Declare the subscription; nothing connects before ``broker.start()``.

    Args:
        kafka: How to reach Kafka.
        topics: What to read.
        member: The member of the group.
        settings: How much at a time, and how patient the group is.
        decode: Makes a batch of a FastStream message whose ``raw_message`` is the polled records.
        queue: Takes the batch, and waits while there is no room.
        listener: Called when partitions are assigned or revoked.
    """
    prompt_close.install()
    record_batches.install()
    broker = KafkaBroker(
        kafka.servers(),
        security=security_of(kafka),
        client_id=kafka.client_id,
        consumer_only=True,  # dead letters have their own producer: idempotent, raw headers
        allow_auto_create_topics=False,
        apply_types=False,
        graceful_timeout=_UNBLOCK_SECONDS,
        logger=_log,
        log_level=logging.DEBUG,  # it logs two lines for each batch
    )
    subscriber = broker.subscriber(
        *(topic.name for topic in topics),
        batch=True,
        group_id=member.group_id,
        group_instance_id=member.name,
        parser=_untouched,
        decoder=decode,
        ack_policy=AckPolicy.MANUAL,
        no_reply=True,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        batch_timeout_ms=settings.poll_milliseconds,
        max_records=settings.max_records,
        max_poll_interval_ms=_milliseconds(settings.max_poll_interval_seconds),
        session_timeout_ms=_milliseconds(settings.session_timeout_seconds),
        heartbeat_interval_ms=_milliseconds(settings.session_timeout_seconds / 4),
        rebalance_timeout_ms=_milliseconds(settings.rebalance_timeout_seconds),
        listener=listener,
    )

    async def on_batch(batch: Any) -> None:
        await queue(batch)

    subscriber(on_batch)
    return broker, subscriber


def security_of(kafka: KafkaSettings) -> BaseSecurity:
    """Return ``kafka.client_arguments()`` as ``KafkaBroker(security=...)`` takes them."""
    tls = kafka.tls_context() if kafka.uses_tls else None
    if kafka.uses_sasl and kafka.sasl_username is not None and kafka.sasl_password is not None:
        return _SASL[kafka.sasl_mechanism](
            username=kafka.sasl_username,
            password=kafka.sasl_password.get_secret_value(),
            ssl_context=tls,
            use_ssl=kafka.uses_tls,
        )
    return BaseSecurity(ssl_context=tls, use_ssl=kafka.uses_tls)


async def leave(broker: KafkaBroker, subscriber: BatchSubscriber) -> None:
    """Leave the group and disconnect, as far as Kafka answers in time.

    A named member leaves too, for it may come back elsewhere, or never: aiokafka lets it stay until
    its session ends. That is what the group waits for when Kafka does not answer, or when it is
    still waiting for other members to join.
    """
    coordinator: Any = getattr(subscriber.consumer, "_coordinator", None)
    if coordinator is not None:
        coordinator._group_instance_id = None  # noqa: SLF001 - there is no other way
    try:
        async with asyncio.timeout(_LEAVE_SECONDS):
            await broker.stop()
    except TimeoutError:
        log.warning("the group could not be left in time; it notices when the session ends")


async def _untouched(records: Any) -> KafkaMessage:
    return KafkaMessage(records, b"", correlation_id="-", message_id="-", consumer=FAKE_CONSUMER)


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
