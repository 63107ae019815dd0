"""Temporal's time-skipping test server: years pass in seconds, for tests and simulations.

It has neither schedules nor visibility.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.plugin import SimplePlugin
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from kakehashi_common.temporal.codec import PYDANTIC
from kakehashi_common.temporal.search_attributes import TYPES

START_TIMEOUT = timedelta(seconds=60)
"""A JVM on a busy machine; two seconds on an idle one."""

_ERRORS_ONLY = TelemetryConfig(logging=LoggingConfig(filter="ERROR"))
"""The SDK warns that this server is not a current Temporal, which is known."""


class ServerUnavailableError(RuntimeError):
    """There is no server to simulate on; the message says what to do."""


@asynccontextmanager
async def time_skipping(server: Path | None) -> AsyncIterator[WorkflowEnvironment]:
    """Start a server, and stop it when the block ends.

    Args:
        server: the server's executable; ``None`` has the SDK download one.

    Raises:
        ServerUnavailableError: it does not start, or can't be downloaded.
    """
    try:
        environment = await WorkflowEnvironment.start_time_skipping(
            test_server_existing_path=None if server is None else str(server),
            test_server_startup_timeout=START_TIMEOUT,
            data_converter=PYDANTIC,
            runtime=Runtime(telemetry=_ERRORS_ONLY),
        )
    except RuntimeError as error:
        raise ServerUnavailableError(
            f"Temporal's time-skipping test server did not start: {error}. Name one by --server"
            " or KAKEHASHI_TIME_SKIPPING_SERVER; `python3 deploy/local/stack.py env` prints the"
            " one of the local stack"
        ) from error
    async with environment:
        # It can't list those it has, so all are added; a new server has none.
        await environment.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=environment.client.namespace, search_attributes=TYPES
            )
        )
        yield environment


@dataclass(frozen=True, kw_only=True)
class ShiftedRunner(SandboxedWorkflowRunner):
    """Runs workflows whose clock is ahead of the server's."""

    ahead: Callable[[str], timedelta]
    """The difference, by the workflow's id; it must not change while a workflow runs."""

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """Return an instance whose every activation comes later."""
        instance = super().create_instance(det)
        activate = instance.activate
        workflow_id = det.info.workflow_id

        def later(activation: Any) -> Any:
            now = activation.timestamp.ToDatetime(UTC)
            activation.timestamp.FromDatetime(now + self.ahead(workflow_id))
            return activate(activation)

        instance.activate = later  # type: ignore[assignment, method-assign]
        return instance


class ShiftedClock:
    """The clock of a server, set to any day: the server's own begins now and can't go back.

    Args:
        environment: the server.
        behind: how far a workflow's clock is behind this one, by its id. Workflows that are behind
            by different amounts do what falls due at one instant of theirs one after the other.
    """

    def __init__(
        self,
        environment: WorkflowEnvironment,
        *,
        behind: Callable[[str], timedelta] = lambda _: timedelta(0),
    ) -> None:
        self._environment = environment
        self._behind = behind
        self.ahead = timedelta(0)
        """Added to the server's time."""

    @property
    def client(self) -> Client:
        """A client of the server; the workflows of its workers go by this clock."""

        def shifted(runner: WorkflowRunner | None) -> WorkflowRunner:
            if not isinstance(runner, SandboxedWorkflowRunner):
                raise TypeError(f"workflows must run in the sandbox, not by {runner}")
            return ShiftedRunner(
                restrictions=runner.restrictions,
                ahead=lambda workflow_id: self.ahead - self._behind(workflow_id),
            )

        config = self._environment.client.config()
        config["plugins"] = [SimplePlugin("shifted-clock", workflow_runner=shifted)]
        return Client(**config)

    async def set_to(self, instant: datetime) -> None:
        """Set the time to ``instant``, before any workflow begins."""
        self.ahead = instant - await self._environment.get_current_time()

    async def now(self) -> datetime:
        """Return the workflows' time, in UTC."""
        return (await self._environment.get_current_time()).astimezone(UTC) + self.ahead

    async def sleep_until(self, instant: datetime) -> None:
        """Let time pass until ``instant``; workflows do what falls due by then."""
        if (left := instant - await self.now()) > timedelta(0):
            await self._environment.sleep(left)
