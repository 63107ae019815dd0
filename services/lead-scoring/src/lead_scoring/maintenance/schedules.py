"""Starts workflows, and schedules the recurring ones."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from kakehashi_common.temporal import schedules
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.schedules import ScheduledWorkflow, every, nightly
from lead_scoring.maintenance.workflow import (
    MaintainEventLogWorkflow,
    RescoreLeads,
    RescoreLeadsWorkflow,
    SweepDueLeadsWorkflow,
)

_START_TIMEOUT: Final = timedelta(seconds=5)
"""Time limit for Temporal when rules are published; the sweep starts a re-score that was missed."""


@dataclass(frozen=True, slots=True)
class Rescores:
    """Starts re-scores.

    Args:
        client: may be lazy, and Temporal may be unavailable.
        task_queue: where the workers are.
        id_prefix: before the workflow's id, for several installations in one namespace.
    """

    client: Client
    task_queue: str
    id_prefix: str = ""

    def workflow_id(self, version: int) -> str:
        """The id of the workflow that scores every lead by ``version``."""
        return f"{self.id_prefix}rescore/{version}"

    async def start(self, version: int) -> None:
        """Start scoring every lead by ``version``; done already or under way is fine.

        Raises:
            TransientError: Temporal is unavailable.
            FaultError: Temporal refuses the request.
        """
        with rpc_errors(), suppress(WorkflowAlreadyStartedError):  # it has ended well
            await self.client.start_workflow(
                RescoreLeadsWorkflow.run,
                RescoreLeads(version),
                id=self.workflow_id(version),
                task_queue=self.task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                static_summary=f"全リードの再評価（ルール第{version}版）",
                rpc_timeout=_START_TIMEOUT,
            )


async def keep_schedules(
    client: Client, task_queue: str, *, sweep_every: timedelta, id_prefix: str = ""
) -> None:
    """Have the sweep and the daily maintenance scheduled as configured."""
    workflows = (
        ScheduledWorkflow(
            "lead-scoring/sweep-due-leads",
            SweepDueLeadsWorkflow.run,
            "時間の経過で評価が変わるリードの再評価",
            every(sweep_every),
            catch_up_within=sweep_every,
        ),
        ScheduledWorkflow(
            "lead-scoring/maintain-event-log",
            MaintainEventLogWorkflow.run,
            "パーティションの準備と古いデータの削除",
            nightly(),
            catch_up_within=timedelta(days=1),
        ),
    )
    await schedules.keep_schedules(client, task_queue, id_prefix, workflows)
