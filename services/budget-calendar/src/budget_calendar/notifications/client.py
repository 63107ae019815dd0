"""Start and signal the workflows that are notified."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from typing import Final

import structlog
from temporalio.client import Client, ScheduleOverlapPolicy
from temporalio.common import WorkflowIDConflictPolicy

from budget_calendar.notifications.repository import PendingNotification
from budget_calendar.notifications.workflow_names import (
    BUDGET_CYCLE,
    WorkflowKind,
    cycle_summary,
)
from kakehashi_common.errors import KakehashiError, NotFoundError
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.fan_out import for_each_workflow
from kakehashi_common.temporal.priorities import BULK
from kakehashi_common.temporal.search_attributes import named

log = structlog.get_logger(__name__)

NOTIFICATION_SCHEDULE: Final = "budget-calendar/tell-budget-cycles"
"""The schedule that sends pending notifications."""

ANSWERS_WITHIN: Final = timedelta(seconds=10)
"""Timeout of one request to Temporal."""


class NotificationClient:
    """Calls workflows.

    Args:
        client: may be lazy, and Temporal may be unavailable.
        task_queue: where the workers are.
        id_prefix: before the workflows' ids, for several installations in one namespace.
    """

    def __init__(self, client: Client, task_queue: str, id_prefix: str = "") -> None:
        self._client = client
        self._task_queue = task_queue
        self._id_prefix = id_prefix

    async def notify(self, notifications: Iterable[PendingNotification]) -> None:
        """Have budget cycles look again, and pursuits plan again. Starts cycles that do not run.

        Raises:
            TransientError: Temporal is unavailable; some may have been notified.
            FaultError: Temporal refuses a request; some may have been notified.
        """
        await for_each_workflow(notifications, self._notify)

    async def trigger_schedule(self) -> None:
        """Have pending notifications sent now rather than in a minute. Never fails."""
        handle = self._client.get_schedule_handle(self._id_prefix + NOTIFICATION_SCHEDULE)
        try:
            with rpc_errors():
                await handle.trigger(
                    overlap=ScheduleOverlapPolicy.BUFFER_ONE, rpc_timeout=ANSWERS_WITHIN
                )
        except KakehashiError as error:  # the schedule itself comes round
            log.warning("workflows are notified a minute later", reason=str(error))

    async def _notify(self, notification: PendingNotification) -> None:
        workflow_id = notification.kind.workflow_id(notification.id, self._id_prefix)
        if notification.kind is WorkflowKind.PURSUIT:
            with suppress(NotFoundError), rpc_errors():  # it has ended meanwhile
                await self._client.get_workflow_handle(workflow_id).signal(
                    "calendar_changed", rpc_timeout=ANSWERS_WITHIN
                )
            return
        await self._client.start_workflow(
            BUDGET_CYCLE,
            {"code": notification.id},
            id=workflow_id,
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            start_signal="look_again",
            static_summary=cycle_summary(notification.id),
            search_attributes=named(notification.id),
            priority=BULK,
            rpc_timeout=ANSWERS_WITHIN,
        )
