"""The sweep, the maintenance and their schedules on a real Temporal and a real database."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from temporalio.client import ScheduleIntervalSpec

from kakehashi_common.contracts.lead_events import ActivityRecorded
from lead_scoring.domain.rules import GRADES
from lead_scoring.maintenance.activities import Swept
from lead_scoring.maintenance.retention import Retired
from lead_scoring.maintenance.schedules import keep_schedules
from lead_scoring.maintenance.workflow import MaintainEventLogWorkflow, SweepDueLeadsWorkflow
from tests.support.lead_scoring_api import NOW, Service
from tests.support.lead_scoring_temporal import LEADS, Operated, changed_grades, laxer, record
from tests.support.waiting import eventually


async def _sweep(operated: Operated, name: str) -> Swept:
    handle = await operated.temporal.client.start_workflow(
        SweepDueLeadsWorkflow.run,
        id=f"{operated.temporal.prefix}{name}",
        task_queue=operated.temporal.task_queue,
    )
    swept = await handle.result()
    await record(name, handle)
    return swept


@pytest.mark.usefixtures("leads")
async def test_the_sweep_scores_what_has_decayed(operated: Operated) -> None:
    before = await operated.grades()
    operated.service.clock.instant = NOW + timedelta(days=200)
    async with operated.working():
        swept = await _sweep(operated, "sweep")
        again = await _sweep(operated, "sweep-of-nothing")
    after = await operated.grades()
    assert swept.changed_grades == changed_grades(before, after) > 0
    assert swept.leads >= swept.changed_grades
    assert again == Swept(0, 0)
    assert all(grade in GRADES for grade, _ in after.values())
    causes = await operated.service.fetch("select distinct cause from score_history")
    assert {row["cause"] for row in causes} == {"events", "decay"}


@pytest.mark.usefixtures("leads")
async def test_a_re_score_that_temporal_missed_starts_with_the_next_sweep(
    operated: Operated,
) -> None:
    version = await operated.store_rules(laxer())
    async with operated.working():
        await _sweep(operated, "sweep-starts-rescore")
        handle = operated.rescore_by(version)
        status = await handle.result()
    assert (status.leads, status.finished) == (LEADS, True)


async def test_maintenance_makes_partitions_and_forgets_what_is_old(operated: Operated) -> None:
    service = operated.service
    await service.happened(ActivityRecorded(lead_id="crm-1", kind="meeting_held"))
    async with service.database.raw_transaction() as connection:
        await connection.execute(
            "create table event_log_2020_01 partition of event_log "
            "for values from ('2020-01-01 00:00+00') to ('2020-02-01 00:00+00')"
        )
        await connection.execute("update inbox set received_at = now() - interval '401 days'")
        await connection.execute(
            "insert into idempotency_key (subject, operation, key, request_digest, created_at) "
            "values ('a', 'b', 'c', '', now() - interval '2 days')"
        )
        await connection.execute(
            "insert into score_history (lead_id, scored_at, fit, engagement, grade, rule_version, "
            "cause) select 'crm-1', $1::timestamptz - days * interval '1 day', 0, 0, 'C3', 1, "
            "'events' from unnest($2::int[]) as days",
            NOW + timedelta(days=45),
            [799, 801, 1000],
        )
        await connection.execute(
            "insert into audit (at, who, what, subject, origin) "
            "select now() - days * interval '1 day', '', '', 'old', '' "
            "from unnest($1::int[]) as days",
            [899, 901],
        )
    service.clock.instant = NOW + timedelta(days=45)
    async with operated.working():
        handle = await operated.temporal.client.start_workflow(
            MaintainEventLogWorkflow.run,
            id=f"{operated.temporal.prefix}maintain",
            task_queue=operated.temporal.task_queue,
        )
        retired = await handle.result()
    await record("maintain", handle)
    assert retired == Retired(
        ("event_log_2020_01",),
        inbox_rows=1,
        idempotency_keys=1,
        announced_scores=2,
        audit_rows=1,
    )
    assert len(await service.fetch("select from score_history")) == 2
    assert len(await service.fetch("select from audit where subject = 'old'")) == 1
    rows = await service.fetch(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
        "where i.inhparent = 'event_log'::regclass"
    )
    assert {"event_log_2027_01", "event_log_2027_04"} <= {row["relname"] for row in rows}


def _intervals(intervals: Iterable[ScheduleIntervalSpec]) -> list[timedelta]:
    return [each.every for each in intervals]


async def test_schedules_are_kept_as_configured_and_stay_paused(operated: Operated) -> None:
    client, prefix = operated.temporal.client, operated.temporal.prefix
    queue = operated.temporal.task_queue
    sweep = client.get_schedule_handle(f"{prefix}lead-scoring/sweep-due-leads")
    maintain = client.get_schedule_handle(f"{prefix}lead-scoring/maintain-event-log")
    try:
        await keep_schedules(client, queue, sweep_every=timedelta(hours=7), id_prefix=prefix)
        await sweep.pause(note="an operator looks at something")
        await keep_schedules(client, queue, sweep_every=timedelta(hours=8), id_prefix=prefix)

        async def updated() -> bool:
            schedule = (await sweep.describe()).schedule
            return _intervals(schedule.spec.intervals) == [timedelta(hours=8)]

        await eventually(updated)
        described = await sweep.describe()
        assert described.schedule.state.paused
        assert (await maintain.describe()).schedule.spec.time_zone_name == "Asia/Tokyo"
        await sweep.unpause()
        async with operated.working():
            await sweep.trigger()

            async def ran() -> bool:
                return bool((await sweep.describe()).info.recent_actions)

            await eventually(ran)
    finally:
        await sweep.delete()
        await maintain.delete()


async def test_the_audit_trail_is_kept_for_ever_unless_somebody_says_how_long(
    service: Service,
) -> None:
    await service.fetch(
        "insert into audit (at, who, what, subject, origin) "
        "values ('2001-01-06', '', '', 'old', '') returning id"
    )
    assert (await service.retention.apply()).audit_rows == 0
    assert await service.fetch("select from audit where subject = 'old'")
