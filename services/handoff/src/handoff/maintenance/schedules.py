"""Schedules of maintenance workflows."""

from datetime import timedelta

from temporalio.client import Client

from handoff.maintenance.workflow import PurgeOldRowsWorkflow
from kakehashi_common.temporal import schedules
from kakehashi_common.temporal.schedules import ScheduledWorkflow, nightly


async def keep_schedules(client: Client, task_queue: str, *, id_prefix: str = "") -> None:
    """Have the retention scheduled.

    Raises:
        TransientError: Temporal is unavailable.
        FaultError: Temporal refuses the request.
    """
    purge = ScheduledWorkflow(
        "handoff/purge-old-rows",
        PurgeOldRowsWorkflow.run,
        "保存期間を過ぎたデータの削除",
        nightly(),
        catch_up_within=timedelta(days=1),
    )
    await schedules.keep_schedules(client, task_queue, id_prefix, [purge])
