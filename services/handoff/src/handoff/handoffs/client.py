"""Request handoffs and send them messages, through Temporal."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

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
from kakehashi_common.temporal.answers import ANSWERS_WITHIN
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.fan_out import for_each_workflow
from kakehashi_common.temporal.histories import delete_histories
from kakehashi_common.temporal.priorities import BULK
from kakehashi_common.temporal.updates import NewWorkflow, Updates

_BEGINS_WITHIN: Final = timedelta(seconds=3)
"""The longest that a change of settings waits for Temporal; it is stored in any case."""


@dataclass(frozen=True, slots=True)
class HandoffWorkflows:
    """The workflows of handoffs.

    Args:
        client: may be lazy, and Temporal may be unavailable.
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
            TransientError: Temporal is unavailable, or no worker has answered; the same again joins
                it.
            FaultError: Temporal refuses the request, or the workflow is stuck.
        """
        its_id = workflow_id(request.handoff_id, self.id_prefix)
        return await self._updates.begin(
            NewWorkflow(
                WORKFLOW,
                Handoff(request),
                its_id,
                static_summary(request),
                first_search_attributes(request),
                WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            ),
            "request",
            request,
            HandoffStatus,
            again=f"Send the same request again: it joins handoff {request.handoff_id}.",
            ended=ConflictError(
                f"handoff {request.handoff_id} was there and has ended: take another id",
                code="handoff_exists",
                field="/handoff_id",
            ),
        )

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
            TransientError: Temporal is unavailable, or no worker has answered in time; it may be
                done yet.
            FaultError: Temporal refuses the request, or the handoff's workflow is stuck.
        """
        return await self._updates.send(
            workflow_id(handoff_id, self.id_prefix),
            UPDATES[type(message)].name,
            message,
            HandoffStatus,
            request_id=request_id,
            unknown=NotFoundError(f"no handoff {handoff_id} is under way", field="handoff_id"),
        )

    async def delete_history(self, handoff_id: str) -> bool:
        """Delete what Temporal keeps of a handoff; one that is under way is terminated.

        Temporal deletes in the background: again until it returns ``True``.

        Raises:
            TransientError: Temporal is unavailable.
            FaultError: Temporal refuses the request.
        """
        return await delete_histories(self.client, workflow_id(handoff_id, self.id_prefix))

    async def begin_notifying(self) -> None:
        """Have a worker signal every open handoff; a newer change takes the place of an older one.

        Raises:
            TransientError: Temporal is unavailable.
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
            TransientError: Temporal is unavailable; some may have been notified.
            FaultError: Temporal refuses a request; some may have been notified.
        """

        async def tell(handoff_id: str) -> None:
            handle = self.client.get_workflow_handle(workflow_id(handoff_id, self.id_prefix))
            with suppress(NotFoundError), rpc_errors():
                await handle.signal("settings_changed")

        await for_each_workflow(handoff_ids, tell)

    @property
    def _updates(self) -> Updates:
        return Updates(self.client, self.task_queue, self.answers_within)
