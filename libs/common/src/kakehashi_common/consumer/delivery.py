"""Hands events to a handler until each is handled or known to be at fault, with retries."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog
from aiokafka.errors import KafkaError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.dead_letters.writer import DeadLetter
from kakehashi_common.errors import PermanentError, TransientError

log = structlog.get_logger(__name__)

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0

BatchHandler = Callable[[Sequence[Received[Any]]], Awaitable[None]]
"""Handles a batch, whole or not at all: it may be given the same events again.

It raises :class:`TransientError` to be called again with the same batch later, and
:class:`PermanentError` to have the batch split until only the event at fault is left.
"""


def in_turn(*handlers: BatchHandler) -> BatchHandler:
    """Return what hands each batch to one handler after the other.

    It is one reading of the topic: what a handler writes is there for the next one. When a later
    one fails, all are given the batch again.
    """

    async def handle(batch: Sequence[Received[Any]]) -> None:
        for each in handlers:
            await each(batch)

    return handle


class AbandonedError(Exception):
    """Nobody waits for this attempt any more: the partitions are lost, or the process ends."""


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


def is_transient(error: BaseException) -> bool:
    """Whether trying again can help: a dependency is unavailable, or the network is."""
    return isinstance(error, TransientError | OSError | TimeoutError) or (
        isinstance(error, KafkaError) and error.retriable
    )


def retrying(
    budget_seconds: float,
    *,
    given_up: asyncio.Event,
    before_pause: Callable[[BaseException, float], None],
) -> AsyncRetrying:
    """Return a policy that retries transient errors with jittered, doubling pauses.

    Args:
        budget_seconds: After this the last error is raised.
        given_up: Ends a pause at once with :class:`AbandonedError`.
        before_pause: Called with the error and the seconds until the next attempt.
    """
    doubling = wait_random_exponential(multiplier=FIRST_PAUSE_SECONDS, max=LONGEST_PAUSE_SECONDS)

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, TransientError) and error.retry_after is not None:
            return max(doubling(state), error.retry_after.total_seconds())
        return doubling(state)

    def before_sleep(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if error is not None and state.next_action is not None:
            before_pause(error, state.next_action.sleep)

    async def pause(seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await given_up.wait()
        except TimeoutError:
            return
        raise AbandonedError

    return AsyncRetrying(
        retry=retry_if_exception(is_transient),
        wait=wait,
        stop=stop_after_delay(budget_seconds),
        sleep=pause,
        before_sleep=before_sleep,
        reraise=True,
    )
