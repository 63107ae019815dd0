"""Workflows that are stuck: each attempt of their workflow task fails.

Temporal tries a failed workflow task again for ever, since a new version of the code may mend it.
Until then the workflow does nothing, and no error is reported.

A task that the SDK's deadlock detector has failed does not mean that: while other work keeps the
processor busy, any task may exceed the two seconds that it allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.failure.v1 import Failure
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.client import Client, WorkflowHandle

from kakehashi_common.errors import FaultError, KakehashiError
from kakehashi_common.temporal.error_boundary import rpc_errors

STUCK: Final = "workflow_stuck"
"""The code of a :class:`FaultError` about a stuck workflow."""

FAILURES: Final = 2
"""A task that has failed so often in a row is not waited for: the third attempt is after ten
seconds, and the code that runs it is the same."""

_ASKED_WITHIN: Final = timedelta(seconds=2)
_EVENTS_LOOKED_AT: Final = 50
"""The newest of a history; signals that came since the failure are among them."""
_SHOWN: Final = 3

_DEADLOCK: Final = "_DeadlockError"
"""The type of the failure with which the SDK's deadlock detector ends a workflow task."""

_ENDS_OF_TASKS: Final = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
        EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
    }
)


@dataclass(frozen=True, slots=True)
class StuckWorkflows:
    """Count of the stuck workflows of a task queue."""

    number: int
    examples: Sequence[str] = ()
    """The ids of some."""

    def __str__(self) -> str:
        workflows = "workflow is" if self.number == 1 else "workflows are"
        more = ", …" if self.number > len(self.examples) else ""
        return (
            f"{self.number:,} {workflows} stuck ({', '.join(self.examples)}{more}): "
            "the workflow tasks keep failing; see docs/operations.md"
        )


async def stuck_workflows(client: Client, task_queue: str) -> StuckWorkflows:
    """Return the running workflows of a task queue that Temporal reports problems of.

    It does after five failures in a row, about a minute after the first.

    Raises:
        TransientError: Temporal is unavailable.
        FaultError: Temporal refuses the query, as an older server does.
    """
    query = (
        f"TaskQueue = '{task_queue}' AND ExecutionStatus = 'Running' "
        "AND TemporalReportedProblems IS NOT NULL"
    )
    with rpc_errors():
        found = await client.count_workflows(query, rpc_timeout=_ASKED_WITHIN)
        if not found.count:
            return StuckWorkflows(0)
        workflows = client.list_workflows(query, limit=_SHOWN, rpc_timeout=_ASKED_WITHIN)
        return StuckWorkflows(found.count, [each.id async for each in workflows])


async def raise_if_stuck(client: Client, handle: WorkflowHandle[Any, Any], repeat: str) -> None:
    """Say that a workflow from which no answer came will give none.

    Args:
        client: of the handle.
        handle: the workflow that has not answered.
        repeat: a sentence for the caller: how to send the request again, later.

    Raises:
        FaultError: it is stuck (``workflow_stuck``).
    """
    try:
        with rpc_errors():
            description = await handle.describe(rpc_timeout=_ASKED_WITHIN)
            attempt = description.raw_description.pending_workflow_task.attempt
            if attempt <= FAILURES:
                return
            failed = await _last_task_failed(client, handle)
    except KakehashiError:
        return  # the caller says that Temporal is busy or unavailable
    if not failed:
        return
    raise FaultError(
        f"workflow {handle.id} is stuck: its workflow task has failed {attempt - 1} times in a "
        "row; the worker's log says why",
        code=STUCK,
        public=f"The workflow {handle.id} is stuck: an error on our side stops it each time it "
        f"tries to go on ({attempt - 1} times so far). Trying again does not help until an "
        'operator has mended it; docs/operations.md says how, under "A workflow is stuck". '
        f"{repeat}",
    )


async def _last_task_failed(client: Client, handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether the last workflow task has failed by itself, and not since workers are busy.

    Of a task's attempts that fail in a row Temporal keeps the first one's failure.
    """
    newest = await client.workflow_service.get_workflow_execution_history_reverse(
        GetWorkflowExecutionHistoryReverseRequest(
            namespace=client.namespace,
            execution=WorkflowExecution(workflow_id=handle.id),
            maximum_page_size=_EVENTS_LOOKED_AT,
        ),
        timeout=_ASKED_WITHIN,
    )
    ends = (each for each in newest.history.events if each.event_type in _ENDS_OF_TASKS)
    last = next(ends, None)
    if last is None or last.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
        return False
    return not is_deadlock(last.workflow_task_failed_event_attributes.failure)


def is_deadlock(failure: Failure) -> bool:
    """Whether the SDK's deadlock detector has failed a workflow task; the next attempt may pass."""
    return failure.application_failure_info.type == _DEADLOCK
