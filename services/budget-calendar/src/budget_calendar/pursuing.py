"""Reach the workflows of pursuits: open one, ask something of it, tell it of a revision."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from budget_calendar.authors import Author
from budget_calendar.domain.refusals import RefusedError
from budget_calendar.pursuit_messages import (
    CancelPursuit,
    ConfirmStage,
    Message,
    OpenPursuit,
    PausePursuit,
    ResumePursuit,
    Standing,
    TakeRoute,
    WantOtherwise,
)
from budget_calendar.workflows.pursuit import ID_PREFIX, PursuitWorkflow
from budget_calendar.workflows.pursuit_handlers import Pursuit
from kakehashi_common.errors import ConflictError, NotFoundError, TransientError
from kakehashi_common.temporal.reaching import reach_each

ANSWERS_WITHIN: Final = timedelta(seconds=10)
"""How long a caller waits for a workflow's answer."""

COME_BACK_AFTER: Final = timedelta(seconds=5)

CONFLICTS: Final = frozenset(
    {
        "contract_concluded",
        "goal_unchanged",
        "no_route",
        "not_paused",
        "nothing_cut",
        "pursuit_ended",
        "pursuit_exists",
        "pursuit_paused",
        "route_not_feasible",
        "route_taken",
        "stage_not_reached",
        "stage_passed",
        "was_cut",
    }
)
"""Codes of refusals for how the pursuit stands; all others are for what the message says."""

_UPDATES: Final[dict[type[Message], str]] = {
    ConfirmStage: "confirm",
    TakeRoute: "choose_route",
    WantOtherwise: "revise_goal",
    PausePursuit: "pause",
    ResumePursuit: "resume",
    CancelPursuit: "cancel",
}


@dataclass(frozen=True, slots=True)
class PursuitWorkflows:
    """The workflows of pursuits.

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

    def workflow_id(self, pursuit_id: str) -> str:
        """The id of a pursuit's workflow."""
        return f"{self.id_prefix}{ID_PREFIX}{pursuit_id}"

    async def open(self, opening: OpenPursuit, author: Author) -> Standing:
        """Open a pursuit; where it stands. One that was opened alike and runs answers alike.

        Raises:
            ConflictError: another pursuit runs under that id, or did (``pursuit_exists``).
            TransientError: Temporal is away, or no worker has answered. The same request again
                does no harm.
        """
        start = WithStartWorkflowOperation(
            PursuitWorkflow.run,
            Pursuit(opening, opened_by=author.who, origin=author.origin),
            id=self.workflow_id(opening.pursuit_id),
            task_queue=self.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=opening.summary,
        )
        try:
            async with asyncio.timeout(self.answers_within.total_seconds()):
                opened: Standing = await self.client.execute_update_with_start_workflow(
                    "open", opening, start_workflow_operation=start, result_type=Standing
                )
                return opened
        except WorkflowAlreadyStartedError as error:
            raise ConflictError(
                f"pursuit {opening.pursuit_id} was there and has ended: take another id",
                code="pursuit_exists",
                field="/id",
            ) from error
        except WorkflowUpdateFailedError as error:
            raise _refusal(error) from error
        except _AWAY as error:
            raise _away(error) from error

    async def ask(
        self, pursuit_id: str, message: Message, request_id: str | None = None
    ) -> Standing:
        """Ask something of a pursuit; where it stands once all that follows has been recorded.

        Args:
            pursuit_id: which.
            message: what is asked.
            request_id: the same request again is done once and answered alike, within a run.

        Raises:
            RefusedError: it makes no sense; nothing has changed.
            ConflictError: it makes none as the pursuit stands; nothing has changed.
            NotFoundError: no workflow of that pursuit runs.
            TransientError: Temporal is away, or no worker has answered in time; it may be done yet.
        """
        handle = self.client.get_workflow_handle(self.workflow_id(pursuit_id))
        try:
            async with asyncio.timeout(self.answers_within.total_seconds()):
                standing: Standing = await handle.execute_update(
                    _UPDATES[type(message)], message, id=request_id, result_type=Standing
                )
                return standing
        except WorkflowUpdateFailedError as error:
            raise _refusal(error) from error
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise NotFoundError(
                    f"no pursuit {pursuit_id} is under way", field="pursuit_id"
                ) from error
            raise _away(error) from error
        except _AWAY as error:
            raise _away(error) from error

    async def tell(self, pursuit_ids: Sequence[str]) -> None:
        """Tell pursuits that their calendar has changed; those that have ended meanwhile too.

        Raises:
            TransientError: Temporal is away; some may have been reached.
        """
        await reach_each(pursuit_ids, self._signal)

    async def _signal(self, pursuit_id: str) -> None:
        handle = self.client.get_workflow_handle(self.workflow_id(pursuit_id))
        try:
            await handle.signal("calendar_changed", rpc_timeout=self.answers_within)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


_AWAY: Final = (
    RPCError,
    RuntimeError,
    TimeoutError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
"""The SDK raises RuntimeError when a lazy client can't connect."""


def _away(error: BaseException) -> TransientError:
    reason = str(error) or "no worker has answered in time"
    return TransientError(
        f"Temporal can't be reached: {reason}; the same request again does no harm",
        retry_after=COME_BACK_AFTER,
    )


def _refusal(error: WorkflowUpdateFailedError) -> Exception:
    """What the workflow refused, as the domain says it."""
    cause: Any = error.cause
    if not isinstance(cause, ApplicationError) or cause.type is None:
        return error
    field = cause.details[0] if cause.details else None
    if cause.type in CONFLICTS:
        return ConflictError(
            cause.message, code=cause.type, field=None if field is None else f"/{field}"
        )
    return RefusedError(cause.message, field=field, code=cause.type)
