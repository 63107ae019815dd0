"""Which workflows run, under which ids, and when."""

from datetime import timedelta
from typing import Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleRange,
    ScheduleSpec,
)

from budget_calendar.maintenance.workflow import (
    ForgetOldWorkflow,
    OpenFiscalYearWorkflow,
    TellBudgetCyclesWorkflow,
)
from budget_calendar.notifications.client import notification_schedule
from kakehashi_common.temporal.schedules import keep_schedule, one_at_a_time

_OPENS_ON_DAY: Final = 1
_OPENS_IN_MONTH: Final = 4
_QUIET_HOUR: Final = 3
"""In Japan."""


async def keep_schedules(
    client: Client, task_queue: str, *, tell_every: timedelta, id_prefix: str = ""
) -> None:
    """Have notifications, the opening of fiscal years and the retention scheduled as configured."""
    await keep_schedule(
        client,
        notification_schedule(id_prefix),
        Schedule(
            action=ScheduleActionStartWorkflow(
                TellBudgetCyclesWorkflow.run,
                id=f"{id_prefix}tell-budget-cycles",
                task_queue=task_queue,
                static_summary="未通知の予算年度・案件を開始・通知",
            ),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=tell_every)]),
            policy=one_at_a_time(catch_up_within=tell_every),
        ),
    )
    await keep_schedule(
        client,
        f"{id_prefix}budget-calendar/open-fiscal-year",
        Schedule(
            action=ScheduleActionStartWorkflow(
                OpenFiscalYearWorkflow.run,
                id=f"{id_prefix}open-fiscal-year",
                task_queue=task_queue,
                static_summary="次年度の予算カレンダーを開く",
            ),
            spec=ScheduleSpec(
                calendars=[
                    ScheduleCalendarSpec(
                        month=[ScheduleRange(_OPENS_IN_MONTH)],
                        day_of_month=[ScheduleRange(_OPENS_ON_DAY)],
                    )
                ],
                time_zone_name="Asia/Tokyo",
            ),
            policy=one_at_a_time(catch_up_within=timedelta(days=30)),
        ),
    )
    await keep_schedule(
        client,
        f"{id_prefix}budget-calendar/forget-old",
        Schedule(
            action=ScheduleActionStartWorkflow(
                ForgetOldWorkflow.run,
                id=f"{id_prefix}forget-old",
                task_queue=task_queue,
                static_summary="保存期間を過ぎたデータの削除",
            ),
            spec=ScheduleSpec(
                calendars=[ScheduleCalendarSpec(hour=[ScheduleRange(_QUIET_HOUR)])],
                time_zone_name="Asia/Tokyo",
            ),
            policy=one_at_a_time(catch_up_within=timedelta(days=1)),
        ),
    )
