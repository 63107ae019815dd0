"""The nightly purge on a real Temporal, as its schedule starts it."""

from followup.maintenance.retention import Purged
from followup.maintenance.schedules import keep_schedules
from followup.maintenance.workflow import PurgeOldFollowUpsWorkflow
from tests.support.followup_api import Service
from tests.support.histories import record
from tests.support.many_sequences import store_many
from tests.support.sequences import at


async def test_what_is_old_is_purged_in_a_workflow(at_work: Service) -> None:
    await store_many(at_work.database, 3, at("2016-11-30 10:00"))
    handle = await at_work.temporal.start_workflow(
        PurgeOldFollowUpsWorkflow.run,
        id=f"{at_work.beside.prefix}purge-old-follow-ups",
        task_queue=at_work.beside.task_queue,
    )
    assert await handle.result() == Purged(sequences=3)
    await record("followup", "purge", handle)


async def test_the_schedule_is_there_once_however_often_it_is_kept(installed: Service) -> None:
    beside = installed.beside
    for _ in range(2):
        await keep_schedules(installed.temporal, beside.task_queue, id_prefix=beside.prefix)
    name = f"{beside.prefix}followup/purge-old-follow-ups"
    handle = installed.temporal.get_schedule_handle(name)
    assert (await handle.describe()).schedule.spec.time_zone_name == "Asia/Tokyo"
    await handle.delete()
