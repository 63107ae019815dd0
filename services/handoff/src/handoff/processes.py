"""The processes of handoff: open what they need, and run parts of the container."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from handoff.settings import HandoffSettings
from kakehashi_common.db import Database
from kakehashi_common.http.server import component as http_component
from kakehashi_common.processes import Assembly, Component
from kakehashi_common.runtime import assemblies
from kakehashi_common.runtime.assemblies import Process


def assembly(process: str, settings: HandoffSettings) -> Assembly:
    """Return the assembly that ``python -m handoff <process>`` runs."""
    return assemblies.assembly(PROCESSES, process, settings)


@asynccontextmanager
async def api_process(
    settings: HandoffSettings, database: Database
) -> AsyncIterator[Sequence[Component]]:
    """HTTP: teams, members, territories."""
    from handoff.container import Container
    from handoff.http.app import create_app

    container = Container(settings, database)
    try:
        yield [http_component("api", create_app(container), settings.http)]
    finally:
        await container.verifier.close()


PROCESSES: Final[Mapping[str, Process[HandoffSettings]]] = {"api": api_process}
