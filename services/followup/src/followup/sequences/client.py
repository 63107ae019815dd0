"""Begin sequences and send them messages, through Temporal."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.common import (
    TypedSearchAttributes,
    WorkflowIDReusePolicy,
)

from followup.domain.sequences.commands import Enter, Message
from followup.domain.sequences.terms import Status
from followup.sequences.messages import Sequence, SequenceStatus
from followup.sequences.names import WORKFLOW, static_summary, workflow_id
from followup.sequences.updates import UPDATES
from kakehashi_common.contracts.municipalities import municipality_name
from kakehashi_common.errors import ConflictError, NotFoundError
from kakehashi_common.temporal.answers import ANSWERS_WITHIN
from kakehashi_common.temporal.histories import delete_histories
from kakehashi_common.temporal.search_attributes import (
    LEAD_ID,
    MUNICIPALITY_CODE,
    MUNICIPALITY_NAME,
    OWNER,
    PLAYBOOK,
    SEQUENCE_STATUS,
    known,
)
from kakehashi_common.temporal.updates import NewWorkflow, Updates

AGAIN: Final = "Send the same request again: it joins the sequence that may have been begun."


@dataclass(frozen=True, slots=True)
class SequenceWorkflows:
    """The workflows of sequences.

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

    async def enter(self, enter: Enter) -> SequenceStatus:
        """Begin a sequence, or join it if it runs, and return where it stands.

        A workflow that was terminated begins again where it had come to.

        Raises:
            DomainError: the entry makes no sense; nothing has begun.
            StateConflictError: the contact is in the same playbook already
                (``contact_in_playbook``), or the id is another sequence's (``sequence_exists``).
            ConflictError: the sequence's workflow has completed (``sequence_exists``).
            TransientError: Temporal is unavailable, or no worker has answered; the same again joins
                it.
            FaultError: Temporal refuses the request, or the workflow is stuck.
        """
        return await self._updates.begin(
            NewWorkflow(
                WORKFLOW,
                Sequence(enter),
                workflow_id(enter.sequence_id, self.id_prefix),
                static_summary(enter),
                first_search_attributes(enter),
                WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            ),
            "enter",
            enter,
            SequenceStatus,
            again=AGAIN,
            ended=ConflictError(
                f"sequence {enter.sequence_id} was there and has ended: take another id",
                code="sequence_exists",
                field="/sequence_id",
            ),
        )

    async def send(
        self, sequence_id: str, message: Message, request_id: str | None = None
    ) -> SequenceStatus:
        """Send a sequence a message; return its status once all that follows is recorded.

        Args:
            sequence_id: which.
            message: what is asked.
            request_id: the same request again is done once and answered alike, within a run.

        Raises:
            DomainError: it makes no sense; nothing has changed.
            StateConflictError: it makes none as the sequence stands; nothing has changed.
            NotFoundError: no workflow of that sequence runs.
            TransientError: Temporal is unavailable, or no worker has answered in time; it may be
                done yet.
            FaultError: Temporal refuses the request, or the sequence's workflow is stuck.
        """
        return await self._updates.send(
            workflow_id(sequence_id, self.id_prefix),
            UPDATES[type(message)].name,
            message,
            SequenceStatus,
            request_id=request_id,
            unknown=NotFoundError(f"no sequence {sequence_id} is under way", field="sequence_id"),
        )

    async def delete_history(self, sequence_id: str) -> bool:
        """Delete what Temporal keeps of a sequence; one that is under way is terminated.

        Temporal deletes in the background: again until it returns ``True``.

        Raises:
            TransientError: Temporal is unavailable.
            FaultError: Temporal refuses the request.
        """
        return await delete_histories(self.client, workflow_id(sequence_id, self.id_prefix))

    @property
    def _updates(self) -> Updates:
        return Updates(self.client, self.task_queue, self.answers_within)


def first_search_attributes(enter: Enter) -> TypedSearchAttributes:
    """Return the search attributes that a sequence's workflow is started with."""
    code = enter.municipality_code
    return known(
        (LEAD_ID, enter.lead_id),
        (PLAYBOOK, enter.playbook_id),
        (SEQUENCE_STATUS, Status.RESTING.value),
        (MUNICIPALITY_CODE, code),
        (MUNICIPALITY_NAME, None if code is None else municipality_name(code)),
        (OWNER, enter.owner),
    )
