"""Open pursuits and send them messages, through Temporal."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy

from budget_calendar.domain.pursuit.commands import (
    Cancel,
    ChooseRoute,
    Confirm,
    Message,
    Pause,
    Resume,
    ReviseGoal,
)
from budget_calendar.notifications.workflow_names import WorkflowKind, pursuit_summary
from budget_calendar.pursuits.messages import OpenPursuit, Pursuit, PursuitStatus
from kakehashi_common.audit import Actor
from kakehashi_common.errors import ConflictError, NotFoundError
from kakehashi_common.temporal.answers import ANSWERS_WITHIN
from kakehashi_common.temporal.search_attributes import named
from kakehashi_common.temporal.updates import NewWorkflow, Updates

PURSUIT_WORKFLOW: Final = "PursuitWorkflow"
"""The type of a pursuit's workflow."""

UPDATES: Final[dict[type[Message], str]] = {
    Confirm: "confirm",
    ChooseRoute: "choose_route",
    ReviseGoal: "revise_goal",
    Pause: "pause",
    Resume: "resume",
    Cancel: "cancel",
}
"""The names of the updates, by message."""


@dataclass(frozen=True, slots=True)
class PursuitWorkflows:
    """The workflows of pursuits.

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

    def workflow_id(self, pursuit_id: str) -> str:
        """Return the id of a pursuit's workflow."""
        return WorkflowKind.PURSUIT.workflow_id(pursuit_id, self.id_prefix)

    async def open(self, opening: OpenPursuit, actor: Actor) -> PursuitStatus:
        """Open a pursuit and return its status. One that was opened alike and runs answers alike.

        Raises:
            ConflictError: another pursuit runs under that id, or did (``pursuit_exists``).
            TransientError: Temporal is unavailable, or no worker has answered. The same request
                again joins the pursuit that may have been begun.
            FaultError: Temporal refuses the request, or the pursuit's workflow is stuck.
        """
        return await self._updates.begin(
            NewWorkflow(
                PURSUIT_WORKFLOW,
                Pursuit(opening, opened_by=actor.who, origin=actor.origin),
                self.workflow_id(opening.pursuit_id),
                pursuit_summary(opening.code, opening.goal.policy_area, opening.owner),
                named(opening.code),
                WorkflowIDReusePolicy.REJECT_DUPLICATE,
            ),
            "open",
            opening,
            PursuitStatus,
            again=f"Send the same request with the id {opening.pursuit_id}: it joins this "
            "pursuit, whatever became of it.",
            ended=ConflictError(
                f"pursuit {opening.pursuit_id} was there and has ended: take another id",
                code="pursuit_exists",
                field="/id",
            ),
        )

    async def ask(
        self, pursuit_id: str, message: Message, request_id: str | None = None
    ) -> PursuitStatus:
        """Send a message to a pursuit; return its status once all that follows is recorded.

        Args:
            pursuit_id: which.
            message: what is asked.
            request_id: the same request again is done once and answered alike, within a run.

        Raises:
            DomainError: it makes no sense; nothing has changed.
            StateConflictError: it makes none as the pursuit stands; nothing has changed.
            NotFoundError: no workflow of that pursuit runs.
            TransientError: Temporal is unavailable, or no worker has answered in time; it may be
                done yet.
            FaultError: Temporal refuses the request, or the pursuit's workflow is stuck.
        """
        return await self._updates.send(
            self.workflow_id(pursuit_id),
            UPDATES[type(message)],
            message,
            PursuitStatus,
            request_id=request_id,
            unknown=NotFoundError(f"no pursuit {pursuit_id} is under way", field="pursuit_id"),
        )

    @property
    def _updates(self) -> Updates:
        return Updates(self.client, self.task_queue, self.answers_within)
