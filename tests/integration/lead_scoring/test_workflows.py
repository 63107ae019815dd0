"""Re-score, sweep and maintenance on a real Temporal and a real database.

``RECORD_HISTORIES=1`` also writes the histories that ``test_histories.py`` replays.
"""

import json
import os
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import (
    ScheduleIntervalSpec,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowHistory,
)

from kakehashi_common.contracts.lead_events import ActivityRecorded, ProfileChanged
from kakehashi_common.errors import TransientError
from kakehashi_common.settings import TemporalSettings
from kakehashi_common.temporal import connect
from lead_scoring.activities import LeadScoringActivities, Swept
from lead_scoring.domain.rules import GRADES
from lead_scoring.repository.rules import RescoreProgress
from lead_scoring.retention import Retention, Retired
from lead_scoring.rule_publishing import RulePublishing
from lead_scoring.rules_file import shipped
from lead_scoring.scheduling import Rescores, keep_schedules
from lead_scoring.service import Scoring
from lead_scoring.workflows import (
    WORKFLOWS,
    MaintainEventLogWorkflow,
    RescoreLeads,
    RescoreLeadsWorkflow,
    RescoreStatus,
    SweepDueLeadsWorkflow,
)
from tests.support.lead_scoring_api import NOW, Service
from tests.support.temporal import TestTemporal, temporal_server
from tests.support.waiting import eventually

LEADS = 57
"""Six pages of ten."""

HISTORIES = Path(__file__).parents[2] / "unit" / "lead_scoring" / "histories"


class Scored(Scoring):
    """Scoring that can be made to die between the commit of a page and its report."""

    def __init__(self, service: Service) -> None:
        super().__init__(service.database, service.clock, topic_prefix=service.prefix)
        self.pages = 0
        self.dies_after: tuple[int, ...] = ()
        self.before_page: dict[int, Any] = {}

    async def rescore_page(self, version: int, limit: int = 1000) -> RescoreProgress:
        self.pages += 1
        if (interfere := self.before_page.get(self.pages)) is not None:
            await interfere()
        progress = await super().rescore_page(version, limit)
        if self.pages in self.dies_after:
            raise ConnectionError("the worker dies here")
        return progress


class Operated:
    """An installation beside Temporal."""

    def __init__(self, service: Service, temporal: TestTemporal) -> None:
        self.service = service
        self.temporal = temporal
        self.scoring = Scored(service)
        self.rescores = Rescores(temporal.client, temporal.task_queue, temporal.prefix)
        self.publishing = RulePublishing(service.database, self.rescores.start)
        self.activities = LeadScoringActivities(
            service.database,
            self.scoring,
            Retention(
                service.database,
                service.clock,
                event_log_kept_for=timedelta(days=800),
                inbox_kept_for=timedelta(days=400),
            ),
            self.rescores.start,
        )

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        async with self.temporal.worker(WORKFLOWS, self.activities.all()):
            yield

    async def publish(self, document: str) -> int:
        publication = await self.publishing.publish(document, who="tester", origin="test")
        return publication.rules.version

    async def store_rules(self, document: str) -> int:
        """Publish while Temporal is away."""

        async def away(_version: int) -> None:
            raise TransientError("Temporal is away")

        publishing = RulePublishing(self.service.database, away)
        publication = await publishing.publish(document, who="tester", origin="test")
        assert not publication.rescore_started
        return publication.rules.version

    def rescore_by(self, version: int) -> WorkflowHandle[Any, RescoreStatus]:
        return self.temporal.client.get_workflow_handle(
            self.rescores.workflow_id(version), result_type=RescoreStatus
        )

    async def rescore(self, version: int, **how: int) -> RescoreStatus:
        """Re-score in small steps, and wait for the end."""
        handle = await self.start_rescore(version, **how)
        return await handle.result()

    async def start_rescore(
        self, version: int, **how: int
    ) -> WorkflowHandle[RescoreLeadsWorkflow, RescoreStatus]:
        steps = {"page_leads": 10, "slice_leads": 20} | how
        return await self.temporal.client.start_workflow(
            RescoreLeadsWorkflow.run,
            RescoreLeads(version, **steps),
            id=self.rescores.workflow_id(version),
            task_queue=self.temporal.task_queue,
        )

    async def grades(self) -> dict[str, tuple[str, int]]:
        rows = await self.service.fetch("select lead_id, grade, rule_version from lead")
        return {row["lead_id"]: (row["grade"], row["rule_version"]) for row in rows}


@pytest_asyncio.fixture
async def operated(service: Service) -> Operated:
    return Operated(service, await temporal_server())


@pytest_asyncio.fixture
async def leads(service: Service) -> None:
    """Leads of every kind, scored by version 1."""
    for n in range(LEADS):
        lead_id = f"crm-{n:03}"
        await service.happened(
            ProfileChanged(
                lead_id=lead_id,
                municipality_code="102032",
                department="情報政策課" if n % 2 else "総務課",
            ),
            *[ActivityRecorded(lead_id=lead_id, kind="meeting_held")] * (n % 4),
        )


def laxer() -> str:
    """Rules by which other grades come out."""
    return shipped().replace("engagement: {1: 50, 2: 20}", "engagement: {1: 15, 2: 5}")


async def _record(name: str, handle: WorkflowHandle[Any, Any]) -> None:
    if os.environ.get("RECORD_HISTORIES"):
        history: WorkflowHistory = await handle.fetch_history()
        HISTORIES.mkdir(exist_ok=True)
        text = json.dumps(_anonymous(history.to_json_dict()), indent=1, ensure_ascii=False)
        text = text.replace(f"{os.getpid()}@{socket.gethostname()}", "worker")
        (HISTORIES / f"{name}.json").write_text(text + "\n", encoding="utf-8")


def _anonymous(value: Any) -> Any:
    """The same without paths of files, which replaying does not need."""
    match value:
        case dict():
            return {
                name: "…" if name == "stackTrace" else _anonymous(each)
                for name, each in value.items()
            }
        case list():
            return [_anonymous(each) for each in value]
        case _:
            return value


def _changed(before: dict[str, tuple[str, int]], after: dict[str, tuple[str, int]]) -> int:
    return sum(before[lead][0] != after[lead][0] for lead in before)


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
    changed = _changed(before, after)
    assert changed > 0
    assert status == shown == RescoreStatus(version, LEADS, LEADS, changed, finished=True)
    assert await described.static_summary() == "Score every lead by rules version 2"
    assert told.current_details == (
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
    await _record("rescore-interrupted", handle)
    after = await operated.grades()
    assert status == RescoreStatus(version, LEADS, LEADS, _changed(before, after), finished=True)
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
        await _record("rescore-superseded", handle)
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
        await _record("rescore-continued", handle)
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


async def _sweep(operated: Operated, name: str) -> Swept:
    handle = await operated.temporal.client.start_workflow(
        SweepDueLeadsWorkflow.run,
        id=f"{operated.temporal.prefix}{name}",
        task_queue=operated.temporal.task_queue,
    )
    swept = await handle.result()
    await _record(name, handle)
    return swept


@pytest.mark.usefixtures("leads")
async def test_the_sweep_scores_what_has_decayed(operated: Operated) -> None:
    before = await operated.grades()
    operated.service.clock.instant = NOW + timedelta(days=200)
    async with operated.working():
        swept = await _sweep(operated, "sweep")
        again = await _sweep(operated, "sweep-of-nothing")
    after = await operated.grades()
    assert swept.changed_grades == _changed(before, after) > 0
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


async def test_temporal_away_is_transient_and_soon_known() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = TemporalSettings(address=f"127.0.0.1:{port}", connect_timeout_seconds=1)
    rescores = Rescores(await connect(settings, lazy=True), "nowhere")
    with pytest.raises(TransientError, match="Temporal"):
        await rescores.start(1)


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
    service.clock.instant = NOW + timedelta(days=45)
    async with operated.working():
        handle = await operated.temporal.client.start_workflow(
            MaintainEventLogWorkflow.run,
            id=f"{operated.temporal.prefix}maintain",
            task_queue=operated.temporal.task_queue,
        )
        retired = await handle.result()
    await _record("maintain", handle)
    assert retired == Retired(("event_log_2020_01",), 1, 1)
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


def test_the_status_reads_as_a_sentence() -> None:
    status = RescoreStatus(12, leads=12_000, of_leads=50_000, changed_grades=310)
    assert str(status) == "Version 12: 12,000 of 50,000 leads, 310 grades changed"
    assert str(replace(status, leads=50_007)).startswith("Version 12: 50,007 of 50,007 leads")
