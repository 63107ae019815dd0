"""Hands events to a handler until each is handled or known to be at fault."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.consumer.retry import AbandonedError, is_transient, retrying
from kakehashi_common.dead_letters.writer import DeadLetter
from kakehashi_common.errors import PermanentError

log = structlog.get_logger(__name__)

BatchHandler = Callable[[Sequence[Received[Any]]], Awaitable[None]]
"""Handles a batch, whole or not at all: it may be given the same events again.

It raises :class:`TransientError` to be called again with the same batch later, and
:class:`PermanentError` to have the batch split until only the event at fault is left.
"""


class Delivery:
    """Calls one handler with retries, and isolates what it can't handle."""

    def __init__(
        self,
        handler: BatchHandler,
        *,
        budget_seconds: float,
        given_up: asyncio.Event,
        before_pause: Callable[[BaseException, float], None],
        on_dead_letter: Callable[[Received[Any]], None],
    ) -> None:
        self._handler = handler
        self._budget = budget_seconds
        self._given_up = given_up
        self._before_pause = before_pause
        self._on_dead_letter = on_dead_letter

    async def deliver(self, events: Sequence[Received[Any]]) -> list[DeadLetter]:
        """Have ``events`` handled in their order; return those that never can be.

        Raises:
            AbandonedError: ``given_up`` was set between two attempts.
            Exception: a transient error, once the budget is used up; what ``on_dead_letter``
                raises to stop here.
        """
        return await self._isolate(events, time.monotonic() + self._budget)

    async def retry(self, call: Callable[[], Awaitable[None]]) -> None:
        """Make any other call under the same policy."""
        await self._attempts(call, time.monotonic() + self._budget)

    async def _isolate(self, events: Sequence[Received[Any]], deadline: float) -> list[DeadLetter]:
        if not events:
            return []
        error = await self._fault_of(events, deadline)
        if error is None:
            return []
        if len(events) > 1:
            middle = len(events) // 2
            first = await self._isolate(events[:middle], deadline)
            return first + await self._isolate(events[middle:], deadline)
        record = events[0].record
        log.error(
            "the handler can't take a record",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            # a traceback only where it is a bug of ours
            exc_info=None if isinstance(error, PermanentError) else error,
        )
        self._on_dead_letter(events[0])
        return [DeadLetter.of(record, error)]

    async def _fault_of(self, events: Sequence[Received[Any]], deadline: float) -> Exception | None:
        """Have ``events`` handled; return the error that is theirs, not a dependency's."""
        try:
            await self._attempts(lambda: self._handler(events), deadline)
        except AbandonedError:
            raise
        except Exception as error:
            if is_transient(error):
                raise
            return error
        return None

    async def _attempts(self, call: Callable[[], Awaitable[None]], deadline: float) -> None:
        budget = max(0.0, deadline - time.monotonic())
        async for attempt in retrying(
            budget, given_up=self._given_up, before_pause=self._before_pause
        ):
            with attempt:
                await call()
