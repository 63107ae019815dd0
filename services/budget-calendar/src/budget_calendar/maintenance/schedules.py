"""Schedules of maintenance workflows."""

from datetime import timedelta
from typing import Final

from temporalio.client import Client, ScheduleCalendarSpec, ScheduleRange

from budget_calendar.maintenance.workflow import (
    NotifyPendingWorkflow,
    OpenFiscalYearWorkflow,
    PurgeWorkflow,
)
from budget_calendar.notifications.client import NOTIFICATION_SCHEDULE
from kakehashi_common.temporal import schedules
from kakehashi_common.temporal.schedules import ScheduledWorkflow, every, in_japan, nightly

_FIRST_OF_APRIL: Final = ScheduleCalendarSpec(
    month=[ScheduleRange(4)], day_of_month=[ScheduleRange(1)]
)


async def keep_schedules(
    client: Client, task_queue: str, *, tell_every: timedelta, id_prefix: str = ""
) -> None:
    """Have notifications, the opening of fiscal years and the retention scheduled as configured."""
    workflows = (
        ScheduledWorkflow(
            NOTIFICATION_SCHEDULE,
            NotifyPendingWorkflow.run,
            "未通知の予算年度・案件を開始・通知",
            every(tell_every),
            catch_up_within=tell_every,
        ),
        ScheduledWorkflow(
            "budget-calendar/open-fiscal-year",
            OpenFiscalYearWorkflow.run,
            "次年度の予算カレンダーを開く",
            in_japan(_FIRST_OF_APRIL),
            catch_up_within=timedelta(days=30),
        ),
        ScheduledWorkflow(
            "budget-calendar/forget-old",
            PurgeWorkflow.run,
            "保存期間を過ぎたデータの削除",
            nightly(),
            catch_up_within=timedelta(days=1),
        ),
    )
    await schedules.keep_schedules(client, task_queue, id_prefix, workflows)
