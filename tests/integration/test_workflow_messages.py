"""No message can stop a workflow: it is carried out or refused, and the workflow goes on."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from temporalio import activity
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowHistory,
)
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

import budget_calendar.workflows
import followup.workflows
import handoff.workflows
import lead_scoring.maintenance.workflow
from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.cycles.workflow import BudgetCycle, MunicipalBudgetCycleWorkflow
from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.pursuits.messages import OpenPursuit, Pursuit
from budget_calendar.pursuits.workflow import PursuitWorkflow
from budget_calendar.simulation.calendars import SimulatedCalendars
from budget_calendar.simulation.pursuits import SimulatedPursuits
from followup.sequences.messages import Sequence as SequenceInput
from followup.workflow.workflow import SequenceWorkflow
from handoff.handoffs.messages import Handoff
from handoff.simulation.handoffs import SimulatedHandoffs
from handoff.workflow.workflow import HandoffWorkflow
from kakehashi_common.settings import CodecKey, TemporalSettings
from kakehashi_common.temporal.codec import data_converter
from kakehashi_common.temporal.run_inputs import UNREADABLE
from lead_scoring.maintenance.workflow import RescoreLeads, RescoreLeadsWorkflow
from tests.support.budget_calendars import KIRYU
from tests.support.handoff_workflows import ORGANISATION, TEAM
from tests.support.handoffs import a_request
from tests.support.sequence_workflows import InMemorySequences
from tests.support.sequences import an_entry
from tests.support.temporal import TestTemporal, temporal_server
from tests.support.waiting import eventually
from tests.support.workers import unhurried_replayer
from tests.support.workflow_messages import (
    Sent,
    details,
    example,
    failed_tasks,
    names_of,
    nonsense,
    send,
    type_of,
    unreadable_inputs,
    without_example,
)

WORKFLOWS: Final = (
    *budget_calendar.workflows.WORKFLOWS,
    *handoff.workflows.WORKFLOWS,
    *followup.workflows.WORKFLOWS,
    *lead_scoring.maintenance.workflow.WORKFLOWS,
)
SHARED: Final = (
    *budget_calendar.workflows.PASSED_THROUGH,
    *handoff.workflows.PASSED_THROUGH,
    *followup.workflows.PASSED_THROUGH,
    "lead_scoring",
)

OURS: Final = CodecKey(id="ours", secret=bytes(range(32)))
THEIRS: Final = CodecKey(id="theirs", secret=bytes(range(1, 33)))

GOAL: Final = PursuitGoal("digital", 1_000_000, date(2027, 4, 1), ContractCategory.SERVICES)
INPUTS: Final[dict[type, Any]] = {
    MunicipalBudgetCycleWorkflow: BudgetCycle(KIRYU.code),
    PursuitWorkflow: Pursuit(OpenPursuit("p-1", KIRYU.code, "fs-west", GOAL)),
    HandoffWorkflow: Handoff(a_request()),
    SequenceWorkflow: SequenceInput(an_entry()),
    RescoreLeadsWorkflow: RescoreLeads(1),
}
"""The inputs of workflows; the other workflows have none."""


@pytest.fixture
async def temporal() -> TestTemporal:
    return await temporal_server((OURS,))


async def wall_clock() -> datetime:
    return datetime.now(UTC)


def activities() -> list[Callable[..., Any]]:
    """Cycles and pursuits in memory; other activities last as long as the worker."""
    calendars = SimulatedCalendars([CalendarInputs(KIRYU)], CalendarCalculator("published"), ())

    @activity.defn(dynamic=True)
    async def endless(_: Sequence[RawValue]) -> None:
        await activity.wait_for_worker_shutdown()

    return [
        *calendars.activities(),
        *SimulatedPursuits(calendars).activities(),
        *SimulatedHandoffs({TEAM.team_id: TEAM}, dict(ORGANISATION)).activities(),
        *InMemorySequences(wall_clock).activities(),
        endless,
    ]


def at_work(temporal: TestTemporal) -> AbstractAsyncContextManager[object]:
    """A worker for all workflows."""
    return temporal.worker(
        WORKFLOWS,
        activities(),
        passed_through=SHARED,
        permanent_errors=budget_calendar.workflows.PERMANENT_ERRORS,
    )


@asynccontextmanager
async def living(temporal: TestTemporal, cls: Any) -> AsyncIterator[WorkflowHandle[Any, Any]]:
    """A workflow that has begun, and a worker for it."""
    async with at_work(temporal):
        handle = await temporal.client.start_workflow(
            type_of(cls),
            args=[INPUTS[cls]] if cls in INPUTS else [],
            id=f"{temporal.prefix}{cls.__name__}",
            task_queue=temporal.task_queue,
        )
        try:
            yield handle
        finally:
            await handle.terminate()


@pytest.mark.parametrize("cls", WORKFLOWS, ids=lambda cls: cls.__name__)
def test_every_message_has_an_example_that_is_then_malformed(cls: type) -> None:
    assert without_example(cls) == []


@pytest.mark.parametrize("cls", WORKFLOWS, ids=lambda cls: cls.__name__)
async def test_no_message_stops_a_workflow(temporal: TestTemporal, cls: type) -> None:
    async with living(temporal, cls) as handle:
        for sent in nonsense(cls):
            error = await send(handle, sent)
            assert len(error) < 3000, sent
            assert error or sent.kind != "updates", sent
        await send(handle, Sent("the last", "signals", "an_end_to_it", ()))

        async def last_is_refused() -> bool:
            return "「an_end_to_it」はありません" in await details(handle)

        await eventually(last_is_refused, what="the last of the signals was refused")
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        history = await handle.fetch_history()
        assert failed_tasks(history) == []
        await replay(history, OURS)


async def replay(history: WorkflowHistory, *keys: CodecKey) -> None:
    converter = data_converter(TemporalSettings(codec_keys=keys))
    await unhurried_replayer(WORKFLOWS, SHARED, converter).replay_workflow(history)


@pytest.mark.parametrize("cls", WORKFLOWS, ids=lambda cls: cls.__name__)
async def test_what_nobody_can_decrypt_is_refused_whatever_keys_come_later(
    temporal: TestTemporal, cls: type
) -> None:
    stranger = await temporal_server((THEIRS, OURS))  # it reads what it is answered
    async with living(temporal, cls) as handle:
        strange = stranger.client.get_workflow_handle(handle.id)
        for name in names_of(cls, "signals"):
            await strange.signal(name, example(cls, name))
        for name in names_of(cls, "updates"):
            error = await send(
                strange, Sent("undecryptable", "updates", name, (example(cls, name),))
            )
            assert "encrypted with the key b'theirs'" in error
        await strange.signal("tea_break", "secret")

        async def last_is_refused() -> bool:
            return "tea_break" in await details(handle)

        await eventually(last_is_refused, what="the last of the signals was refused")
        history = await handle.fetch_history()
    assert failed_tasks(history) == []
    await replay(history, OURS, THEIRS)


@pytest.mark.parametrize("cls", WORKFLOWS, ids=lambda cls: cls.__name__)
async def test_a_workflow_that_is_started_with_what_it_cannot_read_fails_at_once(
    temporal: TestTemporal, cls: type
) -> None:
    async with at_work(temporal):
        for number, (what, args) in enumerate(unreadable_inputs(INPUTS.get(cls))):
            handle = await temporal.client.start_workflow(
                type_of(cls),
                args=args,
                id=f"{temporal.prefix}{cls.__name__}-{number}",
                task_queue=temporal.task_queue,
                start_signal="tea_break",
            )
            with pytest.raises(WorkflowFailureError) as failed:
                await handle.result()
            cause = failed.value.cause
            assert isinstance(cause, ApplicationError), what
            assert cause.type == UNREADABLE, what
            assert "開始時の入力を読み取れない" in cause.message, what
            assert "this workflow takes" in cause.message or cls in INPUTS, what
            history = await handle.fetch_history()
            assert failed_tasks(history) == [], what
            await replay(history, OURS)
            await details(handle)  # the UI asks for them, and is answered


@pytest.mark.parametrize("cls", INPUTS, ids=lambda cls: cls.__name__)
async def test_a_start_that_nobody_can_decrypt_waits_for_the_key(
    temporal: TestTemporal, cls: type
) -> None:
    stranger = await temporal_server((THEIRS,))
    async with at_work(temporal):
        handle = await stranger.client.start_workflow(
            type_of(cls),
            INPUTS[cls],
            id=f"{temporal.prefix}{cls.__name__}",
            task_queue=temporal.task_queue,
        )

        async def task_has_failed() -> bool:
            return bool(failed_tasks(await handle.fetch_history()))

        await eventually(task_has_failed, what="the workflow task failed for lack of the key")
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
        await handle.terminate()


async def test_a_refused_signal_is_in_the_history_of_a_pursuit(temporal: TestTemporal) -> None:
    async with living(temporal, PursuitWorkflow) as handle:
        await handle.signal("confirm")
        await handle.signal("pause", {"until": "2027-01-15", "by": "fs-east", "because": "away"})

        async def told() -> bool:
            story = await handle.query("story")
            ja, en = ("\n".join(story[language]) for language in ("ja", "en"))
            return (
                "confirm：このメッセージの引数には" in ja
                and "pause：because：この項目はありません" in ja
                and "confirm: this message takes one argument" in en
                and "because" in en
            )

        await eventually(told, what="both are told in the story")
