"""Delete what Temporal keeps of workflows: inputs, messages and results are in their histories."""

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client

from kakehashi_common.errors import NotFoundError
from kakehashi_common.temporal.error_boundary import rpc_errors


async def delete_histories(client: Client, workflow_id: str) -> bool:
    """Delete every run of a workflow; one that is under way is terminated.

    Temporal deletes in the background, what has just ended within a minute or so: call it again
    until it returns ``True``, that none is left.

    Raises:
        TransientError: Temporal is unavailable.
        FaultError: it refuses the request.
    """
    # The latest run is found by the id alone; the list of runs may lag behind.
    runs = [WorkflowExecution(workflow_id=workflow_id)]
    with rpc_errors():
        found = client.list_workflows(f"WorkflowId = '{workflow_id}'")
        runs += [
            WorkflowExecution(workflow_id=workflow_id, run_id=each.run_id) async for each in found
        ]
    gone = [await _is_gone(client, each) for each in runs]
    return all(gone)


async def _is_gone(client: Client, run: WorkflowExecution) -> bool:
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=run)
    try:
        with rpc_errors():
            await client.workflow_service.delete_workflow_execution(request)
    except NotFoundError:
        return True
    return False
