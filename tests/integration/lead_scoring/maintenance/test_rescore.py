"""Re-scoring every lead on a real Temporal and a real database."""

import asyncio
from dataclasses import replace

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowExecutionStatus

from kakehashi_common.contracts.lead_events import ActivityRecorded
from kakehashi_common.errors import TransientError
from kakehashi_common.ports import free_port
from kakehashi_common.settings import TemporalSettings
from lead_scoring.maintenance.workflow import RescoreLeadsWorkflow, RescoreStatus
from lead_scoring.rules.file import shipped
from tests.support.lead_scoring_api import Service
from tests.support.lead_scoring_temporal import LEADS, Operated, changed_grades, laxer, record
from tests.support.waiting import eventually


@pytest.mark.usefixtures("leads")
async def test_every_lead_is_scored_by_published_rules(operated: Operated) -> None:
    before = await operated.grades()
    async with operated.working():
        version = await operated.publish(laxer())
        handle = operated.rescore_by(version)
        status = await handle.result()
        shown = await handle.query(RescoreLeadsWorkflow.progress)
        described = await handle.describe()
        told = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    after = await operated.grades()
    assert {rule_version for _, rule_version in after.values()} == {version}
    changed = changed_grades(before, after)
    assert changed > 0
    assert status == shown == RescoreStatus(version, LEADS, LEADS, changed, finished=True)
    assert await described.static_summary() == "全リードの再評価（ルール第2版）"
    assert told.current_details == (
        f"ルール第2版：57件中57件を再評価、評価の変更{changed}件。完了\n\n"
        f"Version 2: 57 of 57 leads, {changed} grades changed. Finished"
    )
    (row,) = await operated.service.fetch("select * from rule_set where version = 2")
    assert (row["rescored_leads"], row["changed_grades"]) == (LEADS, changed)
    assert row["rescored_at"] is not None
    announced = await operated.service.fetch(
        "select distinct lead_id from score_history where cause = 'rules'"
    )
    assert len(announced) >= changed


@pytest.mark.usefixtures("leads")
async def test_a_worker_that_dies_repeats_and_skips_no_lead(operated: Operated) -> None:
    before = await operated.grades()
    operated.scoring.dies_after = (1, 4, 6)
    version = await operated.store_rules(laxer())
    async with operated.working():
        handle = await operated.start_rescore(version)
        status = await handle.result()
    await record("rescore-interrupted", handle)
    after = await operated.grades()
    assert status == RescoreStatus(
        version, LEADS, LEADS, changed_grades(before, after), finished=True
    )
    assert {rule_version for _, rule_version in after.values()} == {version}
    events = await operated.service.fetch(
        "select lead_id from score_history where cause = 'rules' group by 1 having count(*) > 1"
    )
    assert events == []


@pytest.mark.usefixtures("leads")
async def test_another_worker_goes_on_where_one_stopped(operated: Operated) -> None:
    version = await operated.store_rules(laxer())
    async with operated.working():
        handle = await operated.start_rescore(version)

        async def begun() -> bool:
            return (await handle.query(RescoreLeadsWorkflow.progress)).leads > 0

        await eventually(begun)
    other = Operated(operated.service, operated.temporal)
    async with other.working():
        status = await handle.result()
    assert (status.leads, status.finished) == (LEADS, True)


@pytest.mark.usefixtures("leads")
async def test_newer_rules_end_the_re_score_by_older_ones(operated: Operated) -> None:
    version = await operated.store_rules(laxer())

    async def publish_again() -> None:
        await operated.store_rules(shipped())

    operated.scoring.before_page = {4: publish_again}
    async with operated.working():
        handle = await operated.start_rescore(version)
        status = await handle.result()
        await record("rescore-superseded", handle)
        assert status.superseded_by == version + 1
        assert (status.leads, status.finished) == (30, False)
        assert str(status).endswith("Ended: version 3 is in force")
        newer = await operated.rescore(version + 1)
    assert (newer.leads, newer.finished) == (LEADS, True)


@pytest.mark.usefixtures("leads")
async def test_a_long_re_score_continues_as_new(operated: Operated) -> None:
    version = await operated.store_rules(laxer())
    async with operated.working():
        handle = await operated.start_rescore(version, slices_per_run=2)
        status = await handle.result()
        await record("rescore-continued", handle)
        described = await operated.temporal.client.get_workflow_handle(handle.id).describe()
    assert described.run_id != handle.first_execution_run_id
    assert status.leads == status.of_leads == LEADS


@pytest.mark.usefixtures("leads")
async def test_a_re_score_is_started_once(operated: Operated) -> None:
    version = await operated.publish(laxer())
    await operated.rescores.start(version)
    async with operated.working():
        handle = operated.rescore_by(version)
        await handle.result()
        run = (await handle.describe()).run_id
        await operated.rescores.start(version)
        described = await handle.describe()
    assert (described.run_id, described.status) == (run, WorkflowExecutionStatus.COMPLETED)


async def test_temporal_away_is_transient_and_quickly_known(service: Service) -> None:
    away = TemporalSettings(address=f"127.0.0.1:{free_port()}", connect_timeout_seconds=1)
    with pytest.raises(TransientError, match="Temporal"):
        await service.differing(temporal=away).rescores.start(1)


async def test_events_are_scored_while_every_lead_is_scored_again(operated: Operated) -> None:
    service = operated.service
    lead_ids = [f"crm-{n:04}" for n in range(2_000)]

    async def seen(kind: str) -> None:
        await service.happened(*[ActivityRecorded(lead_id=each, kind=kind) for each in lead_ids])

    await seen("meeting_held")
    version = await operated.store_rules(laxer())
    finished = False

    async def rescore() -> None:
        nonlocal finished
        while not (await operated.scoring.rescore_page(version, 100)).finished:
            pass
        finished = True

    async def consume() -> int:
        batches = 0
        while not finished:
            await seen("mail_opened")  # every page changes leads of this batch
            batches += 1
        return batches

    batches, _ = await asyncio.gather(consume(), rescore())
    rows = await service.fetch("select count(*) as events from event_log")
    assert rows[0]["events"] == len(lead_ids) * (1 + batches)
    assert {version for _, version in (await operated.grades()).values()} == {version}


def test_the_status_reads_as_a_sentence() -> None:
    status = RescoreStatus(12, leads=12_000, of_leads=50_000, changed_grades=310)
    assert str(status) == "Version 12: 12,000 of 50,000 leads, 310 grades changed"
    assert status.ja == "ルール第12版：50,000件中12,000件を再評価、評価の変更310件"
    assert str(replace(status, leads=50_007)).startswith("Version 12: 50,007 of 50,007 leads")
