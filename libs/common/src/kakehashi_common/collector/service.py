"""Validate events that are not on Kafka yet, and publish them.

Whatever the consumer would dead-letter is refused here with the same sentences, so that the sender
learns of it. An accepted event is on the broker, and is not stored anywhere else on the way.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Table

from kakehashi_common.clock import Clock
from kakehashi_common.cloudevents.codec import EventDecoder, Outgoing, encode
from kakehashi_common.cloudevents.errors import RejectedEventError
from kakehashi_common.collector.publisher import EventPublisher
from kakehashi_common.contracts.topics import Topic
from kakehashi_common.db import Database
from kakehashi_common.http import idempotency
from kakehashi_common.http.idempotency import IdempotentRequest
from kakehashi_common.telemetry import traceparent

_DECODED_PER_TURN: Final = 20
"""Events that are read before other requests get their turn."""


class NotAnEventError(RejectedEventError):
    """The JSON is something else than an object."""

    code = "not_an_event"


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that the broker has."""

    event_id: str
    source: str
    key: str
    """The topic's key: the id of the thing that the event is about."""


Result = Accepted | RejectedEventError


class Collector:
    """Accepts the events of one topic over HTTP.

    Args:
        topic: which.
        publisher: publishes to it.
        clock: says when events are received.
        database: keeps the idempotency keys.
        keys: the table of them.
        key_of: returns the topic's key of an event's data.
        count: is told how many events of a request were accepted and refused.
    """

    def __init__(
        self,
        topic: Topic,
        publisher: EventPublisher,
        clock: Clock,
        database: Database,
        keys: Table,
        key_of: Callable[[Any], str],
        count: Callable[[int, int], None] = lambda _accepted, _refused: None,
    ) -> None:
        self._publisher = publisher
        self._clock = clock
        self._database = database
        self._keys = keys
        self._key_of = key_of
        self._count = count
        self._decoder = EventDecoder(topic.models)

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
                is unavailable; the whole request can be repeated.
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
            key = self._key_of(event.data)
            outgoing.append(encode(event, key=key, data_json=data_json, traceparent=trace))
            results.append(Accepted(event.event_id, event.source, key))
        if outgoing:
            await self._publisher.publish(outgoing)
        self._count(len(outgoing), len(results) - len(outgoing))
        return results

    async def _claim(self, request: IdempotentRequest) -> None:
        """Let the key stand for this body, from now on.

        Before anything is published: what a crash leaves undone, the repeat does.
        """
        async with self._database.transaction() as connection:
            await idempotency.reserve(connection, self._keys, request)


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
