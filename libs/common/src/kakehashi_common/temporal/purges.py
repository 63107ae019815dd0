"""The nightly purge of a service: its one activity, and its schedule."""

from datetime import timedelta
from typing import Any, Final, TypeVar

from temporalio import workflow
from temporalio.types import MethodAsyncNoParam

from kakehashi_common.temporal.heartbeats import HEARTBEAT_TIMEOUT
from kakehashi_common.temporal.retries import UNTIL_IT_WORKS
from kakehashi_common.temporal.schedules import ScheduledWorkflow, nightly

T = TypeVar("T")

_LONG: Final = timedelta(hours=2)
"""Far more than a night's rows take, and enough for those of years at the first time."""


async def purged_by(activity: MethodAsyncNoParam[Any, T]) -> T:
    """Have an activity apply a service's retention, for a workflow; return what it deleted."""
    return await workflow.execute_activity_method(
        activity,
        start_to_close_timeout=_LONG,
        heartbeat_timeout=HEARTBEAT_TIMEOUT,
        retry_policy=UNTIL_IT_WORKS,
        summary="保存期間を過ぎたデータを削除",
    )


def nightly_purge(name: str, run: Any) -> ScheduledWorkflow:
    """Return the schedule of a purge; see :class:`ScheduledWorkflow` for name and run."""
    return ScheduledWorkflow(
        name,
        run,
        "保存期間を過ぎたデータの削除",
        nightly(),
        catch_up_within=timedelta(days=1),
    )
