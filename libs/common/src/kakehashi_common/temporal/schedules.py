"""Temporal schedules that a service keeps as its settings say."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from kakehashi_common.temporal.error_boundary import rpc_errors

_QUIET_HOUR: Final = 3
"""In Japan."""


@dataclass(frozen=True, slots=True)
class ScheduledWorkflow:
    """A workflow without arguments that a schedule starts, one run at a time."""

    name: str
    """The schedule's id, such as ``budget-calendar/forget-old``; the workflow's is its last part.
    An installation's prefix comes before both."""
    run: Any
    summary: str
    spec: ScheduleSpec
    catch_up_within: timedelta
    """A run that was missed for longer, while Temporal was unavailable, is left out."""


def every(interval: timedelta) -> ScheduleSpec:
    """Return the times of a schedule that fires once each ``interval``."""
    return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=interval)])


def in_japan(at: ScheduleCalendarSpec) -> ScheduleSpec:
    """Return the times of a schedule that fires by the calendar and clock of Japan."""
    return ScheduleSpec(calendars=[at], time_zone_name="Asia/Tokyo")


def nightly() -> ScheduleSpec:
    """Return the times of a schedule that fires each night at three o'clock in Japan."""
    return in_japan(ScheduleCalendarSpec(hour=[ScheduleRange(_QUIET_HOUR)]))


async def keep_schedules(
    client: Client, task_queue: str, id_prefix: str, workflows: Iterable[ScheduledWorkflow]
) -> None:
    """Have the schedules there as given.

    One that is there gets the new times and action, and stays paused if an operator paused it.

    Raises:
        TransientError: Temporal is unavailable.
        FaultError: Temporal refuses the request.
    """
    for each in workflows:
        action = ScheduleActionStartWorkflow(
            each.run,
            id=id_prefix + each.name.rpartition("/")[2],
            task_queue=task_queue,
            static_summary=each.summary,
        )
        policy = SchedulePolicy(
            overlap=ScheduleOverlapPolicy.SKIP, catchup_window=each.catch_up_within
        )
        schedule = Schedule(action=action, spec=each.spec, policy=policy)
        await _keep(client, id_prefix + each.name, schedule)


async def _keep(client: Client, schedule_id: str, schedule: Schedule) -> None:
    def as_configured(there: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(replace(schedule, state=there.description.schedule.state))

    with rpc_errors():
        try:
            await client.create_schedule(schedule_id, schedule)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(schedule_id).update(as_configured)
