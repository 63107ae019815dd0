"""Request handoffs and send them messages, through Temporal."""

import asyncio
from collections.abc import Iterable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from handoff.domain.handoff.commands import Message, Request
from handoff.handoffs.messages import Handoff, HandoffStatus
from handoff.handoffs.names import (
    SETTINGS_WORKFLOW,
    WORKFLOW,
    first_search_attributes,
    static_summary,
    workflow_id,
)
from handoff.handoffs.updates import UPDATES
from kakehashi_common.errors import ConflictError, NotFoundError
from kakehashi_common.temporal.answers import ANSWERS_WITHIN, SEND_AGAIN, answering, refusal
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.fan_out import for_each_workflow
from kakehashi_common.temporal.priorities import BULK, PERSON_WAITS

_BEGINS_WITHIN: Final = timedelta(seconds=3)
"""How long a change of settings waits for Temporal, which it can do without."""


@dataclass(frozen=True, slots=True)
class HandoffWorkflows:
    """The workflows of handoffs.

    Args:
        client: may be lazy, and Temporal may be away.
        task_queue: where the workers are.
        id_prefix: before the workflows' ids, for several installations in one namespace.
        answers_within: how long a caller waits for a workflow's answer.
    """

    client: Client
    task_queue: str
    id_prefix: str = ""
    answers_within: timedelta = ANSWERS_WITHIN

    async def request(self, request: Request) -> HandoffStatus:
        """Begin the handoff, or join it if it runs, and return where it stands.

        A workflow that was terminated begins again where it had come to.

        Raises:
            DomainError: the request makes no sense; nothing has begun.
            StateConflictError: another handoff of the lead is open (``lead_in_handoff``), or this
                one is of another lead (``handoff_exists``) or has ended (``handoff_ended``).
            ConflictError: the handoff's workflow has completed (``handoff_exists``).
            TransientError: Temporal is away, or no worker has answered; the same again joins it.
            FaultError: Temporal refuses the request, or the workflow is stuck.
        """
        start: WithStartWorkflowOperation[Any, str] = WithStartWorkflowOperation(
            WORKFLOW,
            Handoff(request),
            id=workflow_id(request.handoff_id, self.id_prefix),
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            static_summary=static_summary(request),
            search_attributes=first_search_attributes(request),
            priority=PERSON_WAITS,
        )
        again = f"Send the same request again: it joins handoff {request.handoff_id}."
        try:
            async with self._answering(request.handoff_id, again):
                status: HandoffStatus = await self.client.execute_update_with_start_workflow(
                    "request", request, start_workflow_operation=start, result_type=HandoffStatus
                )
                return status
        except WorkflowAlreadyStartedError as error:
            raise ConflictError(
                f"handoff {request.handoff_id} was there and has ended: take another id",
                code="handoff_exists",
                field="/handoff_id",
            ) from error
        except WorkflowUpdateFailedError as error:
            raise refusal(error) from error

    async def send(
        self, handoff_id: str, message: Message, request_id: str | None = None
    ) -> HandoffStatus:
        """Send a handoff a message; return its status once all that follows is recorded.

        Args:
            handoff_id: which.
            message: what is asked.
            request_id: the same request again is done once and answered alike, within a run.

        Raises:
            DomainError: it makes no sense; nothing has changed.
            StateConflictError: it makes none as the handoff stands; nothing has changed.
            NotFoundError: no workflow of that handoff runs.
            TransientError: Temporal is away, or no worker has answered in time; it may be done yet.
            FaultError: Temporal refuses the request, or the handoff's workflow is stuck.
        """
        handle = self.client.get_workflow_handle(workflow_id(handoff_id, self.id_prefix))
        try:
            async with self._answering(handoff_id, SEND_AGAIN):
                status: HandoffStatus = await handle.execute_update(
                    UPDATES[type(message)].name, message, id=request_id, result_type=HandoffStatus
                )
                return status
        except WorkflowUpdateFailedError as error:
            raise refusal(error) from error
        except NotFoundError as error:
            raise NotFoundError(
                f"no handoff {handoff_id} is under way", field="handoff_id"
            ) from error

    async def begin_notifying(self) -> None:
        """Have a worker signal every open handoff; a newer change takes the place of an older one.

        Raises:
            TransientError: Temporal is away.
            FaultError: Temporal refuses the request.
        """
        with rpc_errors():
            async with asyncio.timeout(_BEGINS_WITHIN.total_seconds()):
                await self.client.start_workflow(
                    SETTINGS_WORKFLOW,
                    id=f"{self.id_prefix}handoff-settings-changed",
                    task_queue=self.task_queue,
                    id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
                    static_summary="勤務時間・期限設定の変更を進行中の引き継ぎに反映",
                    priority=BULK,
                )

    async def notify(self, handoff_ids: Iterable[str]) -> None:
        """Have handoffs read working hours and the policy again; those that have ended don't.

        Raises:
            TransientError: Temporal is away; some may have been told.
            FaultError: Temporal refuses a request; some may have been told.
        """

        async def tell(handoff_id: str) -> None:
            handle = self.client.get_workflow_handle(workflow_id(handoff_id, self.id_prefix))
            with suppress(NotFoundError), rpc_errors():
                await handle.signal("settings_changed")

        await for_each_workflow(handoff_ids, tell)

    def _answering(self, handoff_id: str, again: str) -> AbstractAsyncContextManager[None]:
        its_id = workflow_id(handoff_id, self.id_prefix)
        return answering(self.client, its_id, again, within=self.answers_within)
