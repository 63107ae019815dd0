"""Retry transient errors: for how long, and with which pauses."""

import asyncio
from collections.abc import Callable

from aiokafka.errors import KafkaError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from kakehashi_common.errors import TransientError

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 10.0


class AbandonedError(Exception):
    """Nobody waits for this attempt any more: the partitions are lost, or the process ends."""


def is_transient(error: BaseException) -> bool:
    """Whether trying again can help: a dependency is away, or the network is."""
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
