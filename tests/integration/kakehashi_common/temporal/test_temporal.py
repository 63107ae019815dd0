"""Clients, workers and encrypted payloads on the real development server."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType, TimeoutType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import PollActivityTaskQueueRequest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError

from kakehashi_common.errors import FaultError, TransientError
from kakehashi_common.ports import free_port
from kakehashi_common.settings import CodecKey, TemporalSettings
from kakehashi_common.temporal.client import connect, connect_when_available, lazy_client, ping
from kakehashi_common.temporal.codec import ENCODING
from kakehashi_common.temporal.search_attributes import TYPES, register_search_attributes
from kakehashi_common.temporal.stuck import StuckWorkflows, raise_if_stuck
from kakehashi_common.temporal.worker import TemporalWorker
from tests.integration.kakehashi_common.temporal.examples import (
    AwaitedWorkflow,
    DomainError,
    Failing,
    FailingWorkflow,
    GreetWorkflow,
    Slow,
    SlowWorkflow,
    StuckWorkflow,
    Visit,
    greet,
)
from tests.support import stack
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers


@pytest.fixture
def settings() -> TemporalSettings:
    return TemporalSettings(
        address=stack.temporal(),
        task_queue=f"test-{uuid.uuid4().hex[:8]}",
        codec_keys=(CodecKey(id="test", secret=b"k" * 32),),
    )


@pytest_asyncio.fixture(loop_scope="session")
async def client(settings: TemporalSettings) -> Client:
    return await connect(settings)


@asynccontextmanager
async def working(worker: TemporalWorker) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.wait_for(task, timeout=60)


def worker(settings: TemporalSettings, slow: Slow | None = None) -> TemporalWorker:
    slow = slow or Slow()
    return TemporalWorker(
        settings, workflows=[GreetWorkflow, SlowWorkflow], activities=[greet, slow.work]
    )


async def test_values_travel_encrypted(settings: TemporalSettings, client: Client) -> None:
    async with working(worker(settings)):
        handle = await client.start_workflow(
            GreetWorkflow.run,
            Visit(name="田中", days=(1, 2)),
            id=f"greet/{uuid.uuid4()}",
            task_queue=settings.task_queue,
        )
        assert await handle.result() == "田中さん、こんにちは"

    history = (await handle.fetch_history()).to_json()
    assert "田中" not in history
    events = [event async for event in handle.fetch_history_events()]
    started = events[0].workflow_execution_started_event_attributes
    assert started.input.payloads[0].metadata["encoding"] == ENCODING


async def test_failures_travel_encrypted_too(settings: TemporalSettings, client: Client) -> None:
    workflow_id = f"greet/{uuid.uuid4()}"
    async with working(worker(settings)):
        with pytest.raises(WorkflowFailureError) as failed:
            await client.execute_workflow(
                GreetWorkflow.run,
                Visit(name="nobody"),
                id=workflow_id,
                task_queue=settings.task_queue,
            )

    assert isinstance(failed.value.cause, ActivityError)
    assert "nobody can't be greeted" in str(failed.value.cause.cause)
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    assert "can't be greeted" not in history.to_json()


async def test_a_worker_that_is_stopped_finishes_its_activity(
    settings: TemporalSettings, client: Client
) -> None:
    slow = Slow()
    async with working(worker(settings, slow)) as stop:
        handle = await client.start_workflow(
            SlowWorkflow.run, id=f"slow/{uuid.uuid4()}", task_queue=settings.task_queue
        )
        await asyncio.wait_for(slow.started.wait(), timeout=30)
        stop.set()
        slow.go_on.set()

    (completed,) = [
        event.activity_task_completed_event_attributes
        async for event in handle.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
    ]
    assert await client.data_converter.decode(completed.result.payloads) == ["finished"]
    with suppress(RPCError):  # unless the worker got as far as the end of the workflow, too
        await handle.terminate()


async def test_what_a_dead_worker_had_in_hand_is_taken_over_without_its_time_limit(
    settings: TemporalSettings, client: Client
) -> None:
    workflows = TemporalWorker(settings, workflows=[AwaitedWorkflow], activities=[])
    both = TemporalWorker(settings, workflows=[AwaitedWorkflow], activities=[greet])
    async with working(workflows):
        handle = await client.start_workflow(
            AwaitedWorkflow.run,
            Visit(name="田中"),
            id=f"awaited/{uuid.uuid4()}",
            task_queue=settings.task_queue,
        )
        taken = await client.workflow_service.poll_activity_task_queue(
            PollActivityTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=settings.task_queue),
                identity="it dies with the task in its hand",
            )
        )
        assert taken.activity_type.name == "greet"
    async with working(both):
        assert await handle.result() == "田中さん、こんにちは"  # the limit is five minutes
    [begun] = [
        event.activity_task_started_event_attributes
        for event in (await handle.fetch_history()).events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    ]
    assert begun.attempt == 2
    timeout = begun.last_failure.timeout_failure_info.timeout_type
    assert timeout == TimeoutType.TIMEOUT_TYPE_HEARTBEAT


async def test_readiness_follows_the_worker(settings: TemporalSettings) -> None:
    idle = worker(settings)
    with pytest.raises(TransientError):
        await idle.ping()
    async with working(idle):

        async def ready() -> bool:
            try:
                await idle.ping()
            except TransientError:
                return False
            return True

        await eventually(ready)


@pytest.mark.parametrize(
    ("kind", "code", "details"), [("not found", "not_found", []), ("refused", "wrong_day", ["on"])]
)
async def test_an_activity_whose_input_is_at_fault_is_not_tried_again(
    settings: TemporalSettings, client: Client, kind: str, code: str, details: list[str]
) -> None:
    failing = Failing()
    async with working(failing_worker(settings, failing)):
        with pytest.raises(WorkflowFailureError) as failed:
            await start_failing(settings, client, kind)
    assert isinstance(failed.value.cause, ActivityError)
    cause = failed.value.cause.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.non_retryable, list(cause.details)) == (code, True, details)
    assert failing.attempts == 1


@pytest.mark.parametrize("kind", ["away", "a bug"])
async def test_every_other_failure_of_an_activity_is_tried_again(
    settings: TemporalSettings, client: Client, kind: str
) -> None:
    async with working(failing_worker(settings, Failing())):
        assert await start_failing(settings, client, kind) == 2


def failing_worker(settings: TemporalSettings, failing: Failing) -> TemporalWorker:
    return TemporalWorker(
        settings,
        workflows=[FailingWorkflow],
        activities=[failing.fail],
        permanent_errors=[DomainError],
    )


async def start_failing(settings: TemporalSettings, client: Client, kind: str) -> int:
    attempts: int = await client.execute_workflow(
        FailingWorkflow.run, kind, id=f"failing/{uuid.uuid4()}", task_queue=settings.task_queue
    )
    return attempts


async def test_a_stuck_workflow_is_named_to_callers_and_operators(
    settings: TemporalSettings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kakehashi_common.temporal.worker.STUCK_INTERVAL", timedelta(seconds=0.5))
    stuck = TemporalWorker(settings, workflows=[StuckWorkflow], activities=[])
    handle = await client.start_workflow(
        StuckWorkflow.run, id=f"stuck/{uuid.uuid4()}", task_queue=settings.task_queue
    )
    await raise_if_stuck(client, handle, "")  # no worker: that is another thing
    async with working(stuck):
        await stuck.ping_workflows()
        try:
            fault = await raises_fault(lambda: raise_if_stuck(client, handle, "Do it again."))
            assert fault.code == "workflow_stuck"
            assert handle.id in fault.public
            assert fault.public.endswith("Do it again.")
            fault = await raises_fault(stuck.checks()["workflows"])
            assert fault.message.startswith("1 workflow is stuck")
            assert handle.id in fault.message
        finally:
            await handle.terminate()
        await eventually(partial(passes, stuck.ping_workflows))


async def test_a_refusal_to_count_stuck_workflows_neither_ends_the_counting_nor_stays(
    settings: TemporalSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kakehashi_common.temporal.worker.STUCK_INTERVAL", timedelta(seconds=0.1))
    answers: list[StuckWorkflows | FaultError] = [StuckWorkflows(1, ["one"])]

    async def asked(_client: Client, _queue: str) -> StuckWorkflows:
        if isinstance(answers[-1], FaultError):
            raise answers[-1]
        return answers[-1]

    monkeypatch.setattr("kakehashi_common.temporal.worker.stuck_workflows", asked)
    worker = TemporalWorker(settings, workflows=[StuckWorkflow], activities=[])
    async with working(worker):
        await raises_fault(worker.ping_workflows)
        answers.append(FaultError("refused", code="temporal_refused", public="refused"))
        await eventually(partial(passes, worker.ping_workflows))
        answers.append(StuckWorkflows(2, ["one", "two"]))
        assert (await raises_fault(worker.ping_workflows)).message.startswith("2 workflows")


async def raises_fault(check: Callable[[], Awaitable[None]]) -> FaultError:
    """The fault that ``check`` raises in the end."""
    faults: list[FaultError] = []

    async def raises() -> bool:
        try:
            await check()
        except FaultError as fault:
            faults.append(fault)
        return bool(faults)

    await eventually(raises, within=120, every=0.5)
    return faults[0]


async def passes(check: Callable[[], Awaitable[None]]) -> bool:
    try:
        await check()
    except FaultError:
        return False
    return True


@pytest.fixture
def nowhere(settings: TemporalSettings) -> TemporalSettings:
    return settings.model_copy(
        update={"address": f"127.0.0.1:{free_port()}", "connect_timeout_seconds": 1.0}
    )


async def test_a_temporal_that_is_away_is_transient(nowhere: TemporalSettings) -> None:
    with pytest.raises(TransientError, match="can't be reached"):
        await connect(nowhere)
    with pytest.raises(TransientError, match="can't be reached"):
        await ping(lazy_client(nowhere))


async def test_waiting_for_temporal_ends_when_the_process_stops(nowhere: TemporalSettings) -> None:
    stop = asyncio.Event()
    waiting = asyncio.create_task(connect_when_available(nowhere, stop))
    asyncio.get_running_loop().call_later(0.1, stop.set)

    assert await asyncio.wait_for(waiting, timeout=10) is None


async def test_search_attributes_are_registered_once(client: Client) -> None:
    await register_search_attributes(client)

    assert await register_search_attributes(client) == []
    assert set(TYPES) == {
        "MunicipalityCode",
        "MunicipalityName",
        "FiscalYear",
        "BudgetPhase",
        "PolicyArea",
        "Owner",
        "PursuitStage",
        "HandoffStatus",
        "LeadId",
        "SequenceStatus",
        "Playbook",
    }


_THREADS_LEFT = """
import atexit, os, sys
atexit.register(lambda: print(sorted(
    open(f"/proc/self/task/{each}/comm").read().strip() for each in os.listdir("/proc/self/task")
)))
from kakehashi_common.temporal.__main__ import app
app(["register-search-attributes", "--address", sys.argv[1]])
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="lists threads as Linux does")
def test_a_command_ends_after_the_threads_that_talked_to_temporal() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _THREADS_LEFT, stack.temporal()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    registered, threads = ran.stdout.splitlines()
    assert "were there" in registered
    assert "tokio" not in threads
