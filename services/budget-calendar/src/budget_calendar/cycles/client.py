"""Start budget cycles, and have them look again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from temporalio.client import (
    Client,
    ScheduleOverlapPolicy,
)
from temporalio.common import WorkflowIDConflictPolicy

from budget_calendar.cycles.labels import cycle_summary, named
from budget_calendar.cycles.workflow import BudgetCycle, MunicipalBudgetCycleWorkflow
from kakehashi_common.errors import KakehashiError
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.fan_out import for_each_workflow
from kakehashi_common.temporal.priorities import BULK

log = structlog.get_logger(__name__)


ANSWERS_WITHIN: Final = timedelta(seconds=10)
"""How long a caller waits for Temporal to take one request."""


@dataclass(frozen=True, slots=True)
class BudgetCycles:
    """Starts budget cycles, and has them look again.

    Args:
        client: may be lazy, and Temporal may be away.
        task_queue: where the workers are.
        id_prefix: before the workflows' ids, for several installations in one namespace.
    """

    client: Client
    task_queue: str
    id_prefix: str = ""

    def workflow_id(self, code: str) -> str:
        """The id of a municipality's budget cycle."""
        return f"{self.id_prefix}budget-cycle/{code}"

    async def tell(self, codes: Sequence[str]) -> None:
        """Start the cycles of ``codes``; those that run already look again.

        Raises:
            TransientError: Temporal is away; some may have been reached.
            FaultError: Temporal refuses a request; some may have been reached.
        """
        await for_each_workflow(codes, self._signal_with_start)

    async def soon(self) -> None:
        """Have pending notifications sent in the background, now rather than in a minute."""
        handle = self.client.get_schedule_handle(tell_schedule(self.id_prefix))
        try:
            with rpc_errors():
                await handle.trigger(
                    overlap=ScheduleOverlapPolicy.BUFFER_ONE, rpc_timeout=ANSWERS_WITHIN
                )
        except KakehashiError as error:  # the schedule itself comes round
            log.warning("workflows are notified a minute later", reason=str(error))

    async def _signal_with_start(self, code: str) -> None:
        await self.client.start_workflow(
            MunicipalBudgetCycleWorkflow.run,
            BudgetCycle(code),
            id=self.workflow_id(code),
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="look_again",
            static_summary=cycle_summary(code),
            search_attributes=named(code),
            priority=BULK,
            rpc_timeout=ANSWERS_WITHIN,
        )


def tell_schedule(id_prefix: str) -> str:
    """Return the id of the schedule that notifies workflows."""
    return f"{id_prefix}budget-calendar/tell-budget-cycles"
