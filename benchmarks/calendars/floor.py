"""The floor: workflows that do nothing, and the worker that runs them, as lean as there is.

No sandbox, no tracing, no encryption, no search attributes, no database.
"""

import asyncio
from typing import Annotated

import typer
from temporalio import workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker


@workflow.defn
class DoNothingWorkflow:
    """Takes the signal that it is started with, and ends."""

    @workflow.run
    async def run(self, _code: str) -> None:
        """Do nothing."""

    @workflow.signal
    def look_again(self) -> None:
        """Do nothing."""


def main(
    address: Annotated[str, typer.Option()],
    namespace: Annotated[str, typer.Option()],
    task_queue: Annotated[str, typer.Option()],
) -> None:
    """Run workflows that do nothing until stopped."""
    asyncio.run(_work(address, namespace, task_queue))


async def _work(address: str, namespace: str, task_queue: str) -> None:
    client = await Client.connect(address, namespace=namespace)
    await Worker(
        client,
        task_queue=task_queue,
        workflows=[DoNothingWorkflow],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ).run()


if __name__ == "__main__":
    typer.run(main)
