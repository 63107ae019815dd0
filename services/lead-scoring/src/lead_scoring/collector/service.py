"""The HTTP collector: lead events that are not on Kafka yet, validated and published.

What the consumer would dead-letter is refused here with the same sentences, so that the sender
learns of it. An accepted event is on the broker and stored nowhere else on the way.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from typing import Final

import structlog
from aiokafka.errors import KafkaError

from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import EventDecoder, Outgoing, encode
from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from kakehashi_common.http import idempotency
from kakehashi_common.http.idempotency import IdempotentRequest
from kakehashi_common.kafka.producer import LazyProducer, acknowledged, idempotent_producer
from kakehashi_common.kafka.settings import KafkaSettings
from kakehashi_common.telemetry import traceparent
from lead_scoring import metrics, tables

log = structlog.get_logger(__name__)

ACKNOWLEDGE_TIMEOUT: Final = timedelta(seconds=10)
"""Time limit for the broker's acknowledgement; then the caller is asked to try again. A thousand
events take a fraction of a second; a broker that restarts takes some seconds."""

_DECODED_PER_TURN: Final = 20
"""Events that are read before other requests get their turn."""


class LeadEventPublisher:
    """Publishes to ``lead-events-v1``. Nothing connects before the first use."""

    def __init__(
        self,
        kafka: KafkaSettings,
        *,
        topic_prefix: str = "",
        acknowledged_within: timedelta = ACKNOWLEDGE_TIMEOUT,
    ) -> None:
        self.topic = topic_prefix + LEAD_EVENTS.name
        self._acknowledged_within = acknowledged_within.total_seconds()
        self._producer = LazyProducer(partial(idempotent_producer, kafka))

    async def publish(self, events: Sequence[Outgoing]) -> None:
        """Publish events, and return when all replicas have acknowledged all of them.

        Raises:
            TransientError: the broker did not acknowledge in time. Some events may have been
                stored, or may be stored yet: publish the same ones again, they count once.
        """
        producer = None
        try:
            async with asyncio.timeout(self._acknowledged_within):
                producer = await self._producer.started()
                await acknowledged(
                    producer.send(self.topic, event.value, event.key, headers=event.headers)
                    for event in events
                )
        except TimeoutError as error:
            # The producer keeps trying: it goes on by itself when the broker is back.
            raise TransientError(f"Kafka did not acknowledge {self.topic} in time") from error
        except Exception as error:
            if producer is not None and not getattr(error, "retriable", False):
                await self._producer.close(producer)
            if isinstance(error, KafkaError):
                raise TransientError(
                    f"Kafka does not take {self.topic}: {type(error).__name__} {error}"
                ) from error
            raise

    async def ping(self) -> None:
        """Prove that the broker answers and has the topic; for ``/readyz``.

        Raises:
            TransientError: it does not.
        """
        try:
            async with asyncio.timeout(self._acknowledged_within):
                producer = await self._producer.started()
                await producer.client.fetch_all_metadata()
                await producer.partitions_for(self.topic)
        except (KafkaError, TimeoutError) as error:
            raise TransientError(f"Kafka does not answer for {self.topic}: {error}") from error

    async def close(self) -> None:
        """Send what is left and stop; bounded, since the broker may be away."""
        await self._producer.close()


class NotAnEventError(RejectedEventError):
    """The JSON is something else than an object."""

    code = "not_an_event"


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that the broker has."""

    event_id: str
    source: str
    lead_id: str


Result = Accepted | RejectedEventError


class Collector:
    """Accepts lead events over HTTP."""

    def __init__(self, publisher: LeadEventPublisher, clock: Clock, database: Database) -> None:
        self._publisher = publisher
        self._clock = clock
        self._database = database
        self._decoder = EventDecoder(LEAD_EVENTS.models)

    async def collect(
        self, events: Sequence[object], request: IdempotentRequest | None
    ) -> list[Result]:
        """Validate parsed CloudEvents and publish the good ones; one result each, in order.

        ``request`` stands in for the ids of events that have none: the same key, body and position
        give the same id, so that a repeated request counts once.

        Raises:
            PermanentError: the key was used for a request with another body
                (``idempotency_key_reused``); nothing was published.
            TransientError: the broker did not acknowledge, or the database, which keeps the keys,
                is away; the whole request can be repeated.
        """
        if request is not None:
            await self._claim(request)
        received_at = self._clock.now()
        results: list[Result] = []
        outgoing: list[Outgoing] = []
        trace = traceparent()
        for position, attributes in enumerate(events):
            if position % _DECODED_PER_TURN == _DECODED_PER_TURN - 1:
                await asyncio.sleep(0)  # lets other requests proceed
            try:
                identified = _with_id(attributes, request, position)
                event, data_json = self._decoder.decode_object(identified, received_at)
            except RejectedEventError as error:
                results.append(error)
                continue
            lead_id = event.data.lead_id
            outgoing.append(encode(event, key=lead_id, data_json=data_json, traceparent=trace))
            results.append(Accepted(event.event_id, event.source, lead_id))
        if outgoing:
            await self._publisher.publish(outgoing)
        metrics.EVENTS_COLLECTED.add(len(outgoing))
        if rejected := len(results) - len(outgoing):
            metrics.EVENTS_REFUSED.add(rejected)
        return results

    async def _claim(self, request: IdempotentRequest) -> None:
        """Let the key stand for this body, from now on.

        Before anything is published: what a crash leaves undone, the repeat does.
        """
        async with self._database.transaction() as connection:
            await idempotency.reserve(connection, tables.idempotency_table, request)


def _with_id(
    attributes: object, request: IdempotentRequest | None, position: int
) -> Mapping[str, object]:
    if not isinstance(attributes, Mapping):
        raise NotAnEventError("an event is a JSON object")
    if request is None or "id" in attributes:
        return attributes
    # With the body: a key that is used again after its time names other events.
    named = f"{request.subject}\0{request.key}\0{request.digest.hex()}\0{position}"
    digest = blake2b(named.encode(), digest_size=16).hexdigest()
    return {**attributes, "id": f"idempotency-key:{digest}"}
