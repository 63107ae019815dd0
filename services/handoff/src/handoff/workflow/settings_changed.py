"""Tells every open handoff that working hours or limits have changed."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from temporalio import activity, workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from handoff.handoffs.service import Handoffs
    from kakehashi_common.temporal import run_inputs
    from kakehashi_common.temporal.heartbeats import HEARTBEAT_TIMEOUT
    from kakehashi_common.temporal.messages import MessageHandlers

_ALL_TOLD: Final = timedelta(minutes=30)
"""Far more than tens of thousands of signals take."""


class SettingsActivities:
    """The activity of the workflow.

    Args:
        handoffs: tells them.
    """

    def __init__(self, handoffs: Handoffs) -> None:
        self._handoffs = handoffs

    def all(self) -> Sequence[Callable[..., Any]]:
        """Return what a worker registers."""
        return (self.notify_open_handoffs,)

    @activity.defn
    async def notify_open_handoffs(self) -> int:
        """Tell every open handoff, and return how many they were; again it tells them again."""
        return await self._handoffs.notify_open()


@workflow.defn
class SettingsChangedWorkflow(MessageHandlers):
    """Runs once for each change; a newer change takes its place."""

    @run_inputs.run
    async def run(self) -> int:
        """Return how many handoffs were told."""
        told: int = await workflow.execute_activity_method(
            SettingsActivities.notify_open_handoffs,
            start_to_close_timeout=_ALL_TOLD,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            retry_policy=RetryPolicy(maximum_interval=timedelta(minutes=1)),
            summary="進行中の引き継ぎに通知",
        )
        return told
