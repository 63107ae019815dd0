"""Sequences that wait for a person, and what a worker keeps of them in memory."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from temporalio.client import Client

from benchmarks.calendars import resident, starting
from benchmarks.contestants import wait_until_ready
from benchmarks.followups.installation import OWNER, PLAYBOOK, Installation, installed
from benchmarks.servers import Servers
from followup.container import Container
from followup.domain.sequences.commands import Enter
from kakehashi_common.errors import FaultError, TransientError

_AT_ONCE: Final = 16
"""Entries under way at a time."""


@dataclass(frozen=True, slots=True)
class Living:
    """A worker's memory in MiB."""

    kept: int
    """The most sequences that it keeps in memory."""
    before: float
    most: float
    live: int
    seconds: float
    """The time in which they entered."""

    @property
    def of_each(self) -> float:
        """KiB for each sequence in memory, with what a worker takes for its first ones."""
        return 1024 * (self.most - self.before) / min(self.live, self.kept)


def measure(servers: Servers, live: int, kept: int) -> Living:
    """Have ``live`` contacts enter a playbook whose mail waits for approval."""
    lead_ids = [f"lead-{number}" for number in range(live)]
    with installed(servers, "living") as installation:
        asyncio.run(installation.introduce(lead_ids))
        cached = {"TEMPORAL__MAX_CACHED_WORKFLOWS": str(kept)}
        with installation.process("worker", **cached) as worker:
            wait_until_ready(worker)
            before = resident.resident(worker)
            try:
                begun = time.perf_counter()
                with resident.watched(worker) as memory:
                    asyncio.run(_enter(installation, lead_ids))
                seconds = time.perf_counter() - begun
            finally:
                asyncio.run(_end(installation))
    return Living(kept, before, memory.most, live, seconds)


async def _enter(installation: Installation, lead_ids: Sequence[str]) -> None:
    async with installation.opened() as opened:
        version = await opened.sequences.version_in_force(PLAYBOOK)
        entries = [_entry(opened, lead_id, version) for lead_id in lead_ids]
        await starting.at_once(entries, _AT_ONCE)


async def _entry(opened: Container, lead_id: str, version: int) -> None:
    enter = Enter(
        f"s-{lead_id}",
        PLAYBOOK,
        version,
        lead_id,
        "benchmarks",
        "price_interest",
        "benchmarks",
        owner=OWNER,
    )
    while True:
        try:
            status = await opened.sequences.enter(enter)
        except (TransientError, FaultError):  # as any caller would ask again
            continue
        if status.status != "awaiting_approval":
            raise RuntimeError(f"{enter.sequence_id} should wait for approval: {status.ja}")
        return


async def _end(installation: Installation) -> None:
    """Terminate what is still open."""
    async with installation.opened() as opened:
        client: Client = opened.temporal
        found = client.list_workflows(
            f"TaskQueue = '{installation.prefix}' and ExecutionStatus = 'Running'"
        )
        ids = [each.id async for each in found]
        await starting.at_once([client.get_workflow_handle(each).terminate() for each in ids])
