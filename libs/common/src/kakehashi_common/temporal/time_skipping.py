"""Temporal's time-skipping test server: years pass in seconds, for tests and simulations.

It has neither schedules nor visibility.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment

from kakehashi_common.temporal.codec import PYDANTIC
from kakehashi_common.temporal.search_attributes import TYPES

STARTS_WITHIN = timedelta(seconds=60)
"""A JVM on a busy machine; two seconds on an idle one."""

_ERRORS_ALONE = TelemetryConfig(logging=LoggingConfig(filter="ERROR"))
"""The SDK warns that this server is no current Temporal, which everybody who starts it knows."""


@asynccontextmanager
async def time_skipping(server: Path | None) -> AsyncIterator[WorkflowEnvironment]:
    """Start a server, and stop it when the block ends.

    Args:
        server: the server's executable; ``None`` has the SDK download one.

    Raises:
        RuntimeError: it does not start, or can't be downloaded.
    """
    environment = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=None if server is None else str(server),
        test_server_startup_timeout=STARTS_WITHIN,
        data_converter=PYDANTIC,
        runtime=Runtime(telemetry=_ERRORS_ALONE),
    )
    async with environment:
        # It can't list those it has, so all are added; a new server has none.
        await environment.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=environment.client.namespace, search_attributes=TYPES
            )
        )
        yield environment
