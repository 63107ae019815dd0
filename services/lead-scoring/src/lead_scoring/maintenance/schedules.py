"""Starts workflows, and schedules the recurring ones."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleRange,
    ScheduleSpec,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.schedules import keep_schedule, one_at_a_time
from lead_scoring.maintenance.workflows import (
    MaintainEventLogWorkflow,
    RescoreLeads,
    RescoreLeadsWorkflow,
    SweepDueLeadsWorkflow,
)

_ANSWERS_WITHIN: Final = timedelta(seconds=5)
"""How long publishing rules waits for Temporal; the sweep starts a re-score that was missed."""

_MAINTAINED_AT: Final = 3
"""Hour in Japan: the quietest."""


@dataclass(frozen=True, slots=True)
class Rescores:
    """Starts re-scores.

    Args:
        client: may be lazy, and Temporal may be away.
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
            TransientError: Temporal is away.
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
                rpc_timeout=_ANSWERS_WITHIN,
            )


async def keep_schedules(
    client: Client, task_queue: str, *, sweep_every: timedelta, id_prefix: str = ""
) -> None:
    """Have the sweep and the daily maintenance scheduled as configured.

    A schedule that is there gets the new times, and stays paused if an operator paused it.
    """
    schedules = {
        f"{id_prefix}lead-scoring/sweep-due-leads": Schedule(
            action=ScheduleActionStartWorkflow(
                SweepDueLeadsWorkflow.run,
                id=f"{id_prefix}sweep-due-leads",
                task_queue=task_queue,
                static_summary="時間の経過で評価が変わるリードの再評価",
            ),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=sweep_every)]),
            policy=one_at_a_time(catch_up_within=sweep_every),
        ),
        f"{id_prefix}lead-scoring/maintain-event-log": Schedule(
            action=ScheduleActionStartWorkflow(
                MaintainEventLogWorkflow.run,
                id=f"{id_prefix}maintain-event-log",
                task_queue=task_queue,
                static_summary="パーティションの準備と古いデータの削除",
            ),
            spec=ScheduleSpec(
                calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(_MAINTAINED_AT)])],
                time_zone_name="Asia/Tokyo",
            ),
            policy=one_at_a_time(catch_up_within=timedelta(days=1)),
        ),
    }
    for schedule_id, schedule in schedules.items():
        await keep_schedule(client, schedule_id, schedule)
