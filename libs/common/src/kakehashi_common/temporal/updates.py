"""Send workflows updates, and begin them by one, with errors that a caller can act on."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateFailedError
from temporalio.common import (
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError

from kakehashi_common.errors import ConflictError, FaultError, NotFoundError
from kakehashi_common.temporal.answers import ANSWERS_WITHIN, SEND_AGAIN, answering, refusal
from kakehashi_common.temporal.priorities import PERSON_WAITS

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NewWorkflow:
    """A workflow that begins unless it runs."""

    workflow: str
    """Its type."""
    input: object
    workflow_id: str
    summary: str
    """Shown for the workflow in the Temporal UI (Markdown, one line)."""
    search_attributes: TypedSearchAttributes
    reuse: WorkflowIDReusePolicy
    """Whether it begins again if one of that id has ended."""


@dataclass(frozen=True, slots=True)
class Updates:
    """Sends updates to workflows, and waits for their answers.

    Args:
        client: may be lazy, and Temporal may be unavailable.
        task_queue: where the workers are.
        answers_within: how long a caller waits for a workflow's answer.
    """

    client: Client
    task_queue: str
    answers_within: timedelta = ANSWERS_WITHIN

    async def begin(
        self,
        new: NewWorkflow,
        update: str,
        message: object,
        result_type: type[T],
        *,
        again: str,
        ended: ConflictError,
    ) -> T:
        """Begin a workflow, or join it if it runs, and return its answer to the update.

        Args:
            new: the workflow.
            update: the update's name.
            message: the update's argument.
            result_type: of the answer.
            again: what a caller can do who got no answer, for the public.
            ended: raised if a workflow of that id has ended and none may begin again.

        Raises:
            DomainError: the message makes no sense; nothing has begun.
            StateConflictError: it makes none as things stand.
            ConflictError: ``ended``.
            TransientError: Temporal is unavailable, or no worker has answered; the same again joins
                it.
            FaultError: Temporal refuses the request, or the workflow is stuck.
        """
        start: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
            new.workflow,
            new.input,
            id=new.workflow_id,
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=new.reuse,
            static_summary=new.summary,
            search_attributes=new.search_attributes,
            priority=PERSON_WAITS,
        )
        try:
            async with answering(self.client, new.workflow_id, again, within=self.answers_within):
                answer: T = await self.client.execute_update_with_start_workflow(
                    update, message, start_workflow_operation=start, result_type=result_type
                )
                return answer
        except WorkflowAlreadyStartedError as error:
            raise ended from error
        except WorkflowUpdateFailedError as error:
            raise refusal(error) from error

    async def send(
        self,
        workflow_id: str,
        update: str,
        message: object,
        result_type: type[T],
        *,
        unknown: NotFoundError,
        request_id: str | None = None,
    ) -> T:
        """Send a workflow an update, and return its answer.

        Args:
            workflow_id: which.
            update: the update's name.
            message: the update's argument.
            result_type: of the answer.
            unknown: raised if no such workflow runs.
            request_id: the same request again is done once and answered alike, within a run.

        Raises:
            DomainError: the message makes no sense; nothing has changed.
            StateConflictError: it makes none as things stand; nothing has changed.
            NotFoundError: ``unknown``.
            TransientError: Temporal is unavailable, or no worker has answered in time; it may be
                done yet.
            FaultError: Temporal refuses the request, or the workflow is stuck.
        """
        handle = self.client.get_workflow_handle(workflow_id)
        try:
            async with answering(self.client, workflow_id, SEND_AGAIN, within=self.answers_within):
                answer: T = await handle.execute_update(
                    update, message, id=request_id, result_type=result_type
                )
                return answer
        except WorkflowUpdateFailedError as error:
            raise refusal(error) from error
        except NotFoundError as error:
            raise unknown from error


def not_running(what: str, status: str, *, fix: str) -> FaultError:
    """Return the error of a workflow that does not run although what it is about has not ended.

    Args:
        what: such as ``handoff h-1``.
        status: as last recorded.
        fix: what a caller can do, for the public.
    """
    kind = what.partition(" ")[0]
    return FaultError(
        f"{what} is {status}, and its workflow is not running",
        code="workflow_not_running",
        public=f"The workflow of {what} is not running although the {kind} has not ended: it has "
        f"failed, or was terminated by hand. {fix}",
    )
