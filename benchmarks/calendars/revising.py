"""A revision of every calendar, until every workflow has looked again."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from temporalio.client import Client

from benchmarks.calendars.installation import AUTHOR, Installation
from benchmarks.calendars.starting import at_once
from benchmarks.contestants import Contestant
from benchmarks.watching import Cpu, looks
from budget_calendar.container import Container
from budget_calendar.notifications.workflow_names import WorkflowKind

TEMPLATE: Final = "textbook"
"""The template that the installation does not use: every calendar moves."""

AT_ONCE: Final = 4
"""Municipalities computed again at a time, as by four requests to the API."""


@dataclass(frozen=True, slots=True)
class Revision:
    """Times of a revision of all calendars."""

    municipalities: int
    revised: int
    """Those of which a calendar has moved; all, or the benchmark measures something else."""
    stored_seconds: float
    """Until the last new calendar is stored and its workflow has been notified."""
    seconds: float
    """Until the last workflow has looked again, and published what there was to publish."""
    cpu_seconds: Mapping[str, float]


def revise(
    installation: Installation, codes: Sequence[str], worker: Contestant, relay: Contestant
) -> Revision:
    """Compute the calendars of ``codes`` by another template."""
    return asyncio.run(_revise(installation, codes, worker, relay))


async def _revise(
    installation: Installation, codes: Sequence[str], worker: Contestant, relay: Contestant
) -> Revision:
    async with installation.opened() as opened:
        before = await _until_settled(opened, codes, worker, relay)
        settings = opened.settings.model_copy(update={"template": TEMPLATE})
        calendars = replace(opened, settings=settings).calendars
        cpu = await asyncio.to_thread(
            Cpu, installation.servers, installation.database_url, worker, relay, temporal=True
        )
        begun = time.perf_counter()
        revised = []

        async def recompute(code: str) -> None:
            done = await calendars.recompute(code, AUTHOR, "another template")
            if done.versions:
                revised.append(code)

        await at_once([recompute(code) for code in codes], AT_ONCE)
        stored = time.perf_counter() - begun
        await _until_settled(opened, codes, worker, relay, since=before)
        seconds = time.perf_counter() - begun
        used = await asyncio.to_thread(cpu.used)
        return Revision(len(codes), len(revised), round(stored, 1), round(seconds, 1), used)


@dataclass(frozen=True, slots=True)
class Settled:
    """A workflow without work before its next timer."""

    run_id: str
    events: int
    """In the history of this run."""

    def has_looked_since(self, before: "Settled") -> bool:
        """Return whether its history has grown beyond the notifying signal."""
        return self.run_id != before.run_id or self.events > before.events + 1


async def _until_settled(
    opened: Container,
    codes: Sequence[str],
    *busy: Contestant,
    since: Mapping[str, Settled] | None = None,
) -> dict[str, Settled]:
    """Wait until all workflows have nothing left to do and, if asked, have looked ``since``."""
    found: dict[str, Settled] = {}

    async def look(code: str) -> None:
        settled = await _settled(
            opened.temporal,
            WorkflowKind.BUDGET_CYCLE.workflow_id(code, opened.settings.workflow_id_prefix),
        )
        if settled and (since is None or settled.has_looked_since(since[code])):
            found[code] = settled

    for _ in looks(*busy):
        await at_once([look(code) for code in codes if code not in found])
        if len(found) == len(codes):
            break
    return found


async def _settled(client: Client, workflow_id: str) -> Settled | None:
    """``None`` while a workflow task or an activity is under way."""
    described = await client.get_workflow_handle(workflow_id).describe()
    raw = described.raw_description
    if raw.HasField("pending_workflow_task") or raw.pending_activities:
        return None
    return Settled(described.run_id, described.history_length)
