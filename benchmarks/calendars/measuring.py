"""The run: everybody's budget cycles, several times followed, once revised and looked at."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks.calendars import resident, starting
from benchmarks.calendars.computing import Computed, compute
from benchmarks.calendars.installation import all_municipalities, installed
from benchmarks.calendars.profiling import PARTS, WorkerProfile
from benchmarks.calendars.revising import Revision, revise
from benchmarks.calendars.standings import View, view
from benchmarks.calendars.starting import Starts
from benchmarks.profiling import shares, spied
from benchmarks.servers import Servers


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a run."""

    municipalities: int | None
    """``None`` for all."""
    repetitions: int
    idle_seconds: float
    """Time without work after which the worker's memory counts as that of an idle one."""


FULL: Final = Size(None, 3, 30.0)
QUICK: Final = Size(200, 1, 5.0)


@dataclass(frozen=True, slots=True)
class WorkerMemory:
    """Resident MiB of the worker process."""

    municipalities: int
    before: float
    """Before the first start."""
    most: float
    """From the first start until everybody has stood for a while."""
    idle: float
    """With all alive, and nothing to do for a while."""
    revised: float
    """The most while all calendars are revised."""

    @property
    def each_kib(self) -> float:
        """Memory added by one budget cycle, KiB."""
        return (self.idle - self.before) / self.municipalities * 1024


@dataclass(slots=True)
class Calendars:
    """Everything that was measured of budget-calendar."""

    municipalities: int
    computed: list[Computed] = field(default_factory=list)
    floor: list[Starts] = field(default_factory=list)
    ours: list[Starts] = field(default_factory=list)
    memory: WorkerMemory | None = None
    revision: Revision | None = None
    view: View | None = None
    profile: WorkerProfile | None = None


def measure(
    servers: Servers, size: Size, step: Callable[[str], AbstractContextManager[None]]
) -> Iterator[Calendars]:
    """Measure one thing after the other; what has been measured by then is given each time.

    Args:
        servers: where.
        size: how much.
        step: shows what is being done, and how long it took.
    """
    codes = all_municipalities(size.municipalities)
    found = Calendars(len(codes))
    with step(f"compute {len(codes):,} calendars"):
        found.computed = compute(codes)
    yield found
    for repetition in range(size.repetitions):
        last = repetition == size.repetitions - 1
        of = f"{repetition + 1}/{size.repetitions}"
        with step(f"{of} start {len(codes):,} workflows that do nothing"):
            found.floor.append(starting.floor(servers, f"floor-{repetition}", codes))
        with installed(servers, f"calendars-{repetition}") as installation:
            with installation.relay() as relay, installation.worker() as worker:
                before = resident.resident(worker)
                with resident.watched(worker) as following:
                    with step(f"{of} follow {len(codes):,} municipalities"):
                        found.ours.append(starting.ours(installation, codes, worker, relay))
                    if not last:
                        continue
                    with step("leave the worker alone"):
                        time.sleep(size.idle_seconds)
                yield found
                idle = resident.resident(worker)
                with resident.watched(worker) as revising, step("revise all calendars"):
                    found.revision = revise(installation, codes, worker, relay)
                found.memory = WorkerMemory(len(codes), before, following.most, idle, revising.most)
            yield found
            with step("view all standings"):
                found.view = view(installation)
    yield found
    with step(f"profile the worker as it follows {len(codes):,} municipalities"):
        found.profile = _profile(servers, codes)
    yield found


def _profile(servers: Servers, codes: Sequence[str]) -> WorkerProfile:
    with (
        installed(servers, "calendars-profile") as installation,
        TemporaryDirectory(prefix="bench-") as folder,
        installation.relay() as relay,
        installation.worker() as worker,
    ):
        stacks = Path(folder, "stacks")
        with spied(worker, stacks):
            starts = starting.ours(installation, codes, worker, relay)
        each = 1e3 / len(codes)
        return WorkerProfile(
            len(codes),
            round(starts.done_seconds * each, 2),
            round(starts.started.cpu_seconds["worker"] * each, 2),
            shares(stacks.read_text("utf-8"), PARTS),
        )
