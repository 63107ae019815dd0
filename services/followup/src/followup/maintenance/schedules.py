"""Schedules of maintenance workflows."""

from temporalio.client import Client

from followup.maintenance.workflow import PurgeOldFollowUpsWorkflow
from kakehashi_common.temporal import schedules
from kakehashi_common.temporal.purges import nightly_purge


async def keep_schedules(client: Client, task_queue: str, *, id_prefix: str = "") -> None:
    """Have the retention scheduled.

    Raises:
        TransientError: Temporal is unavailable.
        FaultError: Temporal refuses the request.
    """
    purge = nightly_purge("followup/purge-old-follow-ups", PurgeOldFollowUpsWorkflow.run)
    await schedules.keep_schedules(client, task_queue, id_prefix, [purge])
