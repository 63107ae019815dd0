"""The activities as a handoff's workflow calls them: each until it works."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from handoff.domain.handoff.narrative import sentence
from handoff.handoffs.messages import (
    Beginning,
    HandoffRecorded,
    ReadServiceLevels,
    RecordHandoff,
    ReleaseAssignment,
)
from handoff.workflow.activities import HandoffActivities
from kakehashi_common.temporal.heartbeats import HEARTBEAT_TIMEOUT
from kakehashi_common.temporal.refusals import domain_error
from kakehashi_common.temporal.retries import SOON_UNTIL_IT_WORKS
from kakehashi_common.temporal.summaries import shortened

_QUICK: Final = timedelta(seconds=30)


async def read_levels(request: ReadServiceLevels) -> Beginning:
    """Return the policy and working hours in force.

    Raises:
        DomainError: the owner must be a member and is none, or hasn't the role.
    """
    try:
        # It only reads, so it may be repeated with its workflow task.
        begun: Beginning = await workflow.execute_local_activity_method(
            HandoffActivities.read_service_levels,
            request,
            start_to_close_timeout=_QUICK,
            retry_policy=SOON_UNTIL_IT_WORKS,
            summary="期限の設定と勤務時間を確認",
        )
    except ApplicationError as error:  # a local activity's own, not within an ActivityError
        if error.non_retryable:
            raise domain_error(error) from error
        raise
    return begun


async def record(request: RecordHandoff) -> HandoffRecorded:
    """Store decisions with what is to be published and who is notified; have an owner found."""
    said = [sentence(fact) for each in request.decisions for _, fact in each.facts]
    if request.assign_by is not None:
        said.append("担当者を割り当て")
    recorded: HandoffRecorded = await _execute(
        HandoffActivities.record_handoff, request, "、".join(said) or "記録"
    )
    return recorded


async def release(request: ReleaseAssignment) -> None:
    """Undo an assignment that the handoff did not wait for."""
    await _execute(HandoffActivities.release_assignment, request, "不要になった割り当てを取り消し")


async def _execute(activity: Callable[..., Any], request: object, summary: str) -> Any:
    return await workflow.execute_activity_method(
        activity,
        request,
        start_to_close_timeout=_QUICK,
        heartbeat_timeout=HEARTBEAT_TIMEOUT,
        retry_policy=SOON_UNTIL_IT_WORKS,
        summary=shortened(summary),
    )
