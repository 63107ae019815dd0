"""Temporal schedules that a service keeps as its settings say."""

from dataclasses import replace
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleAlreadyRunningError,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from kakehashi_common.temporal.error_boundary import rpc_errors


async def keep_schedule(client: Client, schedule_id: str, schedule: Schedule) -> None:
    """Have ``schedule`` there as given.

    One that is there gets the new times and action, and stays paused if an operator paused it.

    Raises:
        TransientError: Temporal is away.
        FaultError: Temporal refuses the request.
    """

    def as_configured(there: ScheduleUpdateInput) -> ScheduleUpdate:
        return ScheduleUpdate(replace(schedule, state=there.description.schedule.state))

    with rpc_errors():
        try:
            await client.create_schedule(schedule_id, schedule)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(schedule_id).update(as_configured)


def one_at_a_time(*, catch_up_within: timedelta) -> SchedulePolicy:
    """A run that is due while the last one works is left out."""
    return SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=catch_up_within)
