"""Wait for a workflow's answer to an update, but not for one that can't come."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from kakehashi_common.errors import BusyError, TransientError
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.refusals import domain_error
from kakehashi_common.temporal.stuck import raise_if_stuck

ANSWERS_WITHIN: Final = timedelta(seconds=10)
"""Timeout of one request to a workflow."""

COME_BACK_AFTER: Final = timedelta(seconds=5)

SEND_AGAIN: Final = (
    "The change may be recorded yet. Send the same request again with the same Idempotency-Key: it "
    "is done once."
)


@asynccontextmanager
async def answering(
    client: Client, workflow_id: str, again: str, *, within: timedelta = ANSWERS_WITHIN
) -> AsyncIterator[None]:
    """Limit how long the block waits for a workflow's answer.

    Args:
        client: that the block calls.
        workflow_id: of the workflow that is to answer.
        again: what a caller can do who got no answer, for the public.
        within: how long to wait.

    Raises:
        NotFoundError: no such workflow runs.
        TransientError: Temporal is unavailable, or no worker has answered in time.
        FaultError: Temporal refuses the request, or the workflow is stuck.
    """
    try:
        with rpc_errors():
            async with asyncio.timeout(within.total_seconds()):
                yield
    except BusyError as error:
        await raise_if_stuck(client, client.get_workflow_handle(workflow_id), again)
        raise BusyError(error.message, retry_after=COME_BACK_AFTER, public=again) from error
    except TransientError as error:
        raise TransientError(error.message, retry_after=COME_BACK_AFTER, public=again) from error


def refusal(error: WorkflowUpdateFailedError) -> Exception:
    """Return the domain's error with which the workflow refused an update, or ``error`` itself."""
    cause = error.cause
    if not isinstance(cause, ApplicationError) or cause.type is None:
        return error
    return domain_error(cause)
