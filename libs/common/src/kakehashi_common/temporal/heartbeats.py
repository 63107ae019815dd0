"""Heartbeats of short activities: another worker takes over soon after one has died."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

HEARTBEAT_TIMEOUT: Final = timedelta(seconds=5)
"""The heartbeat timeout of an activity that a person waits for. A worker beats for it, so it may
well last longer; without a beat Temporal gives it to another worker."""


class Heartbeats(Interceptor):
    """Beats for activities whose heartbeat timeout is ``HEARTBEAT_TIMEOUT`` or shorter.

    Those with a longer one beat themselves, as they get on: their silence says that they hang.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Return the interceptor of one worker."""
        return _Heartbeats(next)


class _Heartbeats(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        """Execute the activity, and beat until it is done."""
        timeout = activity.info().heartbeat_timeout
        if timeout is None or not timedelta(0) < timeout <= HEARTBEAT_TIMEOUT:
            return await self.next.execute_activity(input)
        beating = asyncio.create_task(_beat(timeout.total_seconds() / 3))
        try:
            return await self.next.execute_activity(input)
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating


async def _beat(every: float) -> None:
    while True:
        await asyncio.sleep(every)  # the start counts as the first beat
        activity.heartbeat()
