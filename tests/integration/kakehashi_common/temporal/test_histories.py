"""Histories of workflows, running or ended, are deleted run by run."""

import pytest

from kakehashi_common.errors import NotFoundError
from kakehashi_common.temporal.error_boundary import rpc_errors
from kakehashi_common.temporal.histories import delete_histories
from tests.support.searching import DELETED_WITHIN
from tests.support.temporal import TestTemporal, temporal_server
from tests.support.waiting import eventually

pytestmark = pytest.mark.servers


async def started(temporal: TestTemporal, name: str) -> tuple[str, str]:
    """Start a workflow that no worker takes up; return its id and the run's."""
    handle = await temporal.client.start_workflow(
        "Nobodys", "text", id=f"{temporal.prefix}{name}", task_queue=temporal.task_queue
    )
    assert handle.first_execution_run_id is not None
    return handle.id, handle.first_execution_run_id


async def test_every_run_is_deleted_and_no_other_workflow() -> None:
    temporal = await temporal_server()
    client, runs = temporal.client, []
    for _ in range(2):
        its_id, run_id = await started(temporal, "theirs")
        await client.get_workflow_handle(its_id, run_id=run_id).terminate()
        runs.append(run_id)
    its_id, run_id = await started(temporal, "theirs")
    runs.append(run_id)
    other, _ = await started(temporal, "theirs-not")

    await eventually(
        lambda: delete_histories(client, its_id),
        within=DELETED_WITHIN,
        what="nothing is left",
        every=0.5,
    )

    for run_id in runs:
        with pytest.raises(NotFoundError), rpc_errors():
            await client.get_workflow_handle(its_id, run_id=run_id).describe()
    assert [each.id async for each in client.list_workflows(f"WorkflowId = '{its_id}'")] == []
    handle = client.get_workflow_handle(other)
    assert (await handle.describe()).close_time is None
    await handle.terminate()


async def test_of_an_unknown_workflow_nothing_is_left() -> None:
    temporal = await temporal_server()
    assert await delete_histories(temporal.client, f"{temporal.prefix}unknown")
