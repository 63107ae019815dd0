"""Pursuits whose worker is killed in mid-activity: each thing is recorded and told once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from temporalio.api.enums.v1 import TimeoutType
from temporalio.client import Client, WorkflowHandle

from budget_calendar.domain.fiscal_years import first_day, fiscal_year_of
from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.pursuit.commands import Confirm
from budget_calendar.domain.stages import Outcome, Stage
from budget_calendar.pursuits.messages import OpenPursuit, Pursuit, RecordPursuit
from budget_calendar.pursuits.workflow import PursuitWorkflow
from kakehashi_common.clock import WallClock, japan_day
from kakehashi_common.contracts.municipalities import municipalities
from tests.support.budget_calendar import BudgetCalendar, installation

pytestmark = pytest.mark.timeout(600)  # four starts of a worker, and activities that time out

OWNER = "fs-east"
TODAY = japan_day(WallClock().now())
GOAL = PursuitGoal(
    "digital", 12_000_000, first_day(fiscal_year_of(TODAY) + 2), ContractCategory.SERVICES
)
OPENINGS = [
    OpenPursuit(f"deal-{each.code}", each.code, OWNER, GOAL)
    for each in municipalities().values()
    if each.prefecture == "群馬県"
]


@dataclass
class Pursued:
    """One pursuit in each municipality of a prefecture."""

    installed: BudgetCalendar
    client: Client

    def handle(self, opening: OpenPursuit) -> WorkflowHandle[PursuitWorkflow, str]:
        return self.client.get_workflow_handle_for(
            PursuitWorkflow.run, f"{self.installed.prefix}pursuit/{opening.pursuit_id}"
        )

    async def open_all(self) -> None:
        for opening in OPENINGS:
            await self.client.start_workflow(
                PursuitWorkflow.run,
                Pursuit(opening, opened_by=OWNER),
                id=f"{self.installed.prefix}pursuit/{opening.pursuit_id}",
                task_queue=self.installed.task_queue,
            )

    async def confirm_all(self) -> None:
        rows = await self.installed.fetch("select id, stage from pursuit")
        stages = {row["id"]: Stage(row["stage"]) for row in rows}
        for opening in OPENINGS:
            done = Confirm(stages[opening.pursuit_id], Outcome.DONE, TODAY, OWNER)
            await self.handle(opening).signal("confirm", done)

    async def settled(self) -> None:
        """Wait until each has recorded all that it has decided."""
        for opening in OPENINGS:
            await self.handle(opening).execute_update("open", opening)

    async def given_up(self) -> list[TimeoutType.ValueType]:
        """Return the limits by which activities of a dead worker were given to another one."""
        return [
            attempt.last_failure.timeout_failure_info.timeout_type
            for opening in OPENINGS
            async for event in self.handle(opening).fetch_history_events()
            if (attempt := event.activity_task_started_event_attributes).HasField("last_failure")
        ]

    async def decided(self) -> AsyncIterator[RecordPursuit]:
        """Yield the records that the workflows requested, according to their histories."""
        for opening in OPENINGS:
            async for event in self.handle(opening).fetch_history_events():
                scheduled = event.activity_task_scheduled_event_attributes
                if scheduled.activity_type.name == "record_pursuit":
                    [request] = await self.client.data_converter.decode(
                        scheduled.input.payloads, [RecordPursuit]
                    )
                    yield request


async def test_worker_killed_in_mid_activity_and_before_it_reported() -> None:
    async with installation() as installed:
        await installed.start("relay")
        pursued = Pursued(installed, await installed.temporal())
        connection = await installed.connect()

        async def recorded() -> int:
            return int(await connection.fetchval("select coalesce(sum(revision), 0) from pursuit"))

        async def in_its_transaction() -> bool:
            return await installed.writing(connection)

        async def committed_and_hardly_reported() -> bool:
            return await recorded() > before

        (worker,) = await installed.start("worker")
        opening = asyncio.create_task(pursued.open_all())
        await worker.freeze_at(in_its_transaction)
        worker.kill()
        await opening

        before = await recorded()
        (worker,) = await installed.start("worker")
        await worker.freeze_at(committed_and_hardly_reported)
        worker.kill()

        (worker,) = await installed.start("worker")
        await pursued.settled()
        confirming = asyncio.create_task(pursued.confirm_all())
        await worker.freeze_at(in_its_transaction)
        worker.kill()
        await confirming

        connection.terminate()
        await installed.start("worker")
        await pursued.settled()
        await installed.published()
        await assert_each_was_recorded_and_told_once(pursued)
        assert set(await pursued.given_up()) == {TimeoutType.TIMEOUT_TYPE_HEARTBEAT}, (
            "what a dead worker had in hand was taken over before its time was over"
        )


async def assert_each_was_recorded_and_told_once(pursued: Pursued) -> None:
    expected = {event.event_id async for request in pursued.decided() for event in request.events}
    contents = await pursued.installed.contents()
    assert len(expected) >= len(OPENINGS)
    assert contents.keys() == expected
    assert {len(each) for each in contents.values()} == {1}
    audited = await pursued.installed.fetch(
        "select subject, count(*) filter (where what = 'open_pursuit') as opened, "
        "count(*) filter (where what = 'confirm_stage') as confirmed "
        "from audit group by subject"
    )
    assert {row["subject"]: (row["opened"], row["confirmed"]) for row in audited} == {
        f"pursuit/{opening.pursuit_id}": (1, 1) for opening in OPENINGS
    }
