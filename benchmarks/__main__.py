"""``python -m benchmarks``: the run that ``make bench`` starts. README.md says how to read it."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import structlog
import typer

import benchmarks.calendars.measuring as calendars
from benchmarks import growth, latency, machine, profiling
from benchmarks.contestants import ContestantError
from benchmarks.load import Load
from benchmarks.report import RESULTS, TITLES, Report
from benchmarks.servers import NoServersError, Servers
from benchmarks.throughput import CONTESTANTS, TEMPLATE, Course, in_turns
from kakehashi_common.terminal import Console

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a run."""

    events: int
    repetitions: int
    latency_seconds: float
    memory_events: int
    scale_events: int
    scale_factor: int


FULL = Size(200_000, 3, 60.0, 1_000_000, 100_000, 100)
QUICK = Size(40_000, 1, 10.0, 100_000, 20_000, 10)
SCORING = frozenset({"throughput", "latency", "memory", "scale", "profile"})
"""Parts that lead-scoring is measured in."""
CALENDARS = "calendars"
"""The part that budget-calendar is measured in."""
LEADS = 5000
RATE = 500.0


def main(  # one per option
    *,
    quick: Annotated[bool, typer.Option(help="Small sizes, once: to try things")] = False,
    events: Annotated[int | None, typer.Option(help="On the topic of (a) to (d)")] = None,
    repetitions: Annotated[int | None, typer.Option()] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            help="throughput, latency, memory, scale, profile, calendars; all when left out"
        ),
    ] = None,
    output: Annotated[Path, typer.Option(help="Where the JSON goes")] = RESULTS / "latest.json",
) -> None:
    """Measure both services against floors and a peer."""
    console = Console()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    size = QUICK if quick else FULL
    parts = set(only or SCORING | {CALENDARS})
    try:
        servers = Servers.of_environment()
    except NoServersError as error:
        console.print(f"error: {error}", style="red")
        raise typer.Exit(2) from None
    started_at = datetime.now(UTC)
    load = Load(events or size.events, LEADS, started_at)
    report = Report(
        started_at,
        machine.describe(servers),
        {"events": load.events, "leads": load.leads, "seed": load.seed, "partitions": 6},
    )
    try:
        if parts & SCORING:
            score(console, servers, report, parts, load, size, repetitions or size.repetitions)
        if CALENDARS in parts:
            chosen = calendars.QUICK if quick else calendars.FULL
            chosen = replace(chosen, repetitions=repetitions or chosen.repetitions)
            follow(console, servers, report, chosen)
    except ContestantError as error:
        console.print(f"error: {error}", style="red", markup=False)
        raise typer.Exit(1) from None
    finally:
        report.save(output)
        report.show(console)
        console.print(f"JSON: {output}")
        servers.drop_topics()


def follow(console: Console, servers: Servers, report: Report, size: calendars.Size) -> None:
    """Measure budget-calendar into ``report``."""
    for found in calendars.measure(servers, size, partial(shown, console)):
        report.calendars = found


@contextmanager
def shown(console: Console, title: str) -> Iterator[None]:
    """Show what is being done, and afterwards how long it took."""
    begun = datetime.now(UTC)
    with console.status(title):
        yield
    seconds = (datetime.now(UTC) - begun).total_seconds()
    console.print(f"{title}: {seconds:.0f} s", style="dim")


def score(  # the story of lead-scoring
    console: Console,
    servers: Servers,
    report: Report,
    parts: set[str],
    load: Load,
    size: Size,
    repetitions: int,
) -> None:
    """Measure ``parts`` of lead-scoring, one after the other, into ``report``."""

    def step(title: str, work: Callable[[], T]) -> T:
        with shown(console, title):
            return work()

    with ExitStack() as stack:
        stack.enter_context(servers.our_database(TEMPLATE))
        course = step(f"publish {load.events:,} events", lambda: Course.laid(servers, "main", load))
        if "throughput" in parts:
            warm = Load(min(20_000, load.events), load.leads, load.until, run="warm")
            warm_up = step("publish the warm-up", lambda: Course.laid(servers, "warm", warm))
            for name, contestant in CONTESTANTS.items():
                step(f"warm up {TITLES[name]}", lambda c=contestant: c(warm_up, "warm"))  # type: ignore[misc]
            report.throughput = {name: [] for name in CONTESTANTS}
            for repetition, name in in_turns(repetitions):
                run = step(
                    f"{repetition + 1}/{repetitions} {TITLES[name]}",
                    lambda n=name, r=repetition: CONTESTANTS[n](course, str(r)),  # type: ignore[misc]
                )
                report.throughput[name].append(run)
                console.print(f"  {run.per_second:,.0f} events/s")
        if "latency" in parts:
            report.latency = step(
                f"latency at {RATE:.0f} events/s",
                lambda: latency.measure(servers, RATE, size.latency_seconds),
            )
        if "profile" in parts:
            report.profile = step("profile the consumer", lambda: profiling.profile(course))
        if "scale" in parts:
            report.scale = step(
                f"{load.leads * size.scale_factor:,} leads against {load.leads:,}",
                lambda: growth.scale(
                    course, load.leads, size.scale_events, size.scale_factor, min(repetitions, 2)
                ),
            )
        if "memory" in parts:
            report.memory = step(
                f"memory over {size.memory_events:,} events",
                lambda: growth.memory(servers, size.memory_events, load.leads),
            )


if __name__ == "__main__":
    typer.run(main)
