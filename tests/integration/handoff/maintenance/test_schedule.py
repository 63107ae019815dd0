"""The nightly purge on a real Temporal, beside handoffs that are open, and killed in the middle."""

from datetime import timedelta

import pytest

from handoff.maintenance.retention import Purged
from handoff.maintenance.workflow import PurgeOldRowsWorkflow
from kakehashi_common.db import Database
from tests.support.handoff_api import NOW, Service
from tests.support.handoff_notifications import HOURS
from tests.support.handoff_processes import PURGE_SCHEDULE, HandoffInstallation, installation
from tests.support.histories import record
from tests.support.issuing import issuing
from tests.support.many_handoffs import store_many
from tests.support.temporal import temporal_server
from tests.support.waiting import eventually

TEN_YEARS = timedelta(days=3650)


async def purge(service: Service) -> Purged:
    handle = await service.temporal.start_workflow(
        PurgeOldRowsWorkflow.run,
        id=f"{service.beside.prefix}purge-old-rows",
        task_queue=service.beside.task_queue,
    )
    purged = await handle.result()
    await record("handoff", "purge", handle)
    return purged


async def test_ended_handoffs_are_purged_and_an_open_one_goes_on(service: Service) -> None:
    await service.put("/teams/east", {"name": "東日本営業部", "hours": HOURS})
    seller = {"team_id": "east", "name": "佐藤 花子", "roles": ["field_sales"], "capacity": 5}
    await service.put("/members/fs-1", seller)
    await store_many(service.database, 3, NOW)
    async with service.working():
        opened = (await service.http.post("/handoffs", json={"lead_id": "crm-1"})).json()
        service.clock.instant += TEN_YEARS
        assert await purge(service) == Purged(handoffs=3)
        path = f"/handoffs/{opened['handoff_id']}"
        accepted = await service.http.post(f"{path}/accept", json={"by": "fs-1"})
        assert accepted.json()["status"] == "accepted", accepted.text
        history = (await service.http.get(f"{path}/history")).json()["items"]
    assert [each["kind"] for each in history] == ["requested", "assigned", "accepted"]
    await service.end()


async def enter_old_rows(installed: HandoffInstallation) -> None:
    """Handoffs, which are purged first, then a deal, then the key of a request."""
    database = Database(installed.database, application="tests")
    try:
        await store_many(database, 1_500, NOW - TEN_YEARS)
    finally:
        await database.close()
    await installed.fetch(
        "insert into deal (deal_id, said_at, event_key, stage, lead_ids, competitors) "
        "values ('d-1', now() - interval '10 years', gen_random_uuid(), 'interest', '{}', '{}')"
    )
    await installed.fetch(
        "insert into idempotency_key (subject, operation, key, request_digest, created_at) "
        "values ('', '', 'k-1', '', now() - interval '2 days')"
    )


@pytest.mark.timeout(300)  # a worker is started twice
async def test_a_purge_that_is_killed_in_the_middle_goes_on() -> None:
    client = (await temporal_server()).client
    async with issuing() as issuer, installation(issuer) as installed:
        await enter_old_rows(installed)
        (killed,) = await installed.start("worker")
        connection = await installed.connect()
        async with connection.transaction():
            await connection.execute("select from deal for update")
            await client.get_schedule_handle(
                f"{installed.prefix}handoff/{PURGE_SCHEDULE}"
            ).trigger()

            async def in_the_middle() -> bool:
                waiting = await installed.fetch(
                    "select from pg_stat_activity where datname = current_database() "
                    "and application_name = 'handoff/worker' and wait_event_type = 'Lock'"
                )
                return bool(waiting)

            await eventually(in_the_middle, within=60)
            killed.kill()
        await connection.close()
        assert not await installed.fetch("select from handoff"), "purged before it was killed"
        assert await installed.fetch("select from deal"), "not purged yet"
        await installed.start("worker")

        async def all_is_purged() -> bool:
            return not await installed.fetch(
                "select deal_id from deal union all select key from idempotency_key"
            )

        await eventually(all_is_purged, within=60)
