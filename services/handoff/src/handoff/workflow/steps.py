"""The activities as a handoff's workflow calls them: each until it works."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError

from handoff.domain.handoff.narrative import sentence
from handoff.handoffs.messages import (
    AssignHandoff,
    AssignmentResult,
    Beginning,
    ReadServiceLevels,
    RecordHandoff,
    ReleaseAssignment,
)
from handoff.workflow.activities import HandoffActivities
from kakehashi_common.temporal.heartbeats import HEARTBEAT_TIMEOUT
from kakehashi_common.temporal.refusals import domain_error

_QUICK: Final = timedelta(seconds=30)
_UNTIL_IT_WORKS: Final = RetryPolicy(
    initial_interval=timedelta(milliseconds=200), maximum_interval=timedelta(minutes=1)
)
_LONGEST_SUMMARY: Final = 100
"""Characters of a summary, for which Temporal takes 400 bytes."""


async def read_levels(request: ReadServiceLevels) -> Beginning:
    """Return the policy and working hours in force.

    Raises:
        DomainError: the owner must be a member and is none, or hasn't the role.
    """
    try:
        begun: Beginning = await _execute(
            HandoffActivities.read_service_levels, request, "期限の設定と勤務時間を確認"
        )
    except ActivityError as error:
        if isinstance(error.cause, ApplicationError) and error.cause.non_retryable:
            raise domain_error(error.cause) from error
        raise
    return begun


async def record(request: RecordHandoff) -> bool:
    """Store decisions with what is to be published and who is notified.

    Returns ``False`` if another handoff of the lead is open.
    """
    facts = [fact for each in request.decisions for _, fact in each.facts]
    said = "、".join(sentence(fact) for fact in facts) or "記録"
    recorded: bool = await _execute(HandoffActivities.record_handoff, request, said)
    return recorded


async def assign(request: AssignHandoff) -> AssignmentResult:
    """Have an owner found."""
    found: AssignmentResult = await _execute(
        HandoffActivities.assign_handoff, request, "担当者を割り当て"
    )
    return found


async def release(request: ReleaseAssignment) -> None:
    """Undo an assignment that the handoff did not wait for."""
    await _execute(HandoffActivities.release_assignment, request, "不要になった割り当てを取り消し")


async def _execute(activity: Callable[..., Any], request: object, summary: str) -> Any:
    return await workflow.execute_activity_method(
        activity,
        request,
        start_to_close_timeout=_QUICK,
        heartbeat_timeout=HEARTBEAT_TIMEOUT,
        retry_policy=_UNTIL_IT_WORKS,
        summary=shortened(summary),
    )


def shortened(text: str) -> str:
    """Return a text as a summary takes it."""
    return text if len(text) <= _LONGEST_SUMMARY else text[: _LONGEST_SUMMARY - 1] + "…"
