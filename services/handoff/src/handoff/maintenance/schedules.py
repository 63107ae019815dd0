"""Schedules of maintenance workflows."""

from temporalio.client import Client

from handoff.maintenance.workflow import PurgeOldRowsWorkflow
from kakehashi_common.temporal import schedules
from kakehashi_common.temporal.purges import nightly_purge


async def keep_schedules(client: Client, task_queue: str, *, id_prefix: str = "") -> None:
    """Have the retention scheduled.

    Raises:
        TransientError: Temporal is unavailable.
        FaultError: Temporal refuses the request.
    """
    purge = nightly_purge("handoff/purge-old-rows", PurgeOldRowsWorkflow.run)
    await schedules.keep_schedules(client, task_queue, id_prefix, [purge])
