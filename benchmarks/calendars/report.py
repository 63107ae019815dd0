"""Report measurements of budget-calendar as goals, tables and JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from statistics import median
from typing import Any, Final

from rich.table import Table

from benchmarks.calendars.measuring import Calendars
from benchmarks.calendars.starting import Starts
from benchmarks.goals import Goal

OF_FLOOR, MEMORY_MB, REVISION_SECONDS, CALENDAR_MS, VIEW_MS = 0.3, 600.0, 60.0, 5.0, 300.0
"""The goals."""

_MB: Final = 2**20 / 1e6
"""Of one MiB."""


def document(found: Calendars) -> dict[str, Any]:
    """For machines."""
    return {
        "starts_per_second": {
            name: round(_rate(starts), 1)
            for name, starts in (("floor", found.floor), ("ours", found.ours))
            if starts
        },
        **asdict(found),
    }


def goals(found: Calendars) -> list[Goal]:
    """Return the goals with the values reached."""
    everybody = f"{found.municipalities:,} municipalities"
    reached = []
    if found.floor and found.ours:
        ratio = _rate(found.ours) / _rate(found.floor)
        reached.append(
            Goal(
                "starts of budget cycles, of no-op workflows",
                f"≥ {OF_FLOOR:.2f}",
                f"{ratio:.2f}",
                ratio >= OF_FLOOR,
            )
        )
    if found.memory is not None:
        most = max(found.memory.most, found.memory.revised) * _MB
        reached.append(
            _below(f"memory of the worker, {everybody}", most, MEMORY_MB, "MB", digits=0)
        )
    if found.revision is not None:
        revision = found.revision
        goal = _below(f"revision of {everybody}", revision.seconds, REVISION_SECONDS, "s", digits=1)
        if revision.revised < revision.municipalities:  # then it has measured something else
            what = f"{goal.what}, of which {revision.revised:,} have moved"
            goal = replace(goal, what=what, met=False)
        reached.append(goal)
    for each in found.computed:
        reached += [
            _below(f"a calendar: {each.what}, elapsed", each.median_ms, CALENDAR_MS, "ms"),
            _below(f"a calendar: {each.what}, CPU", each.cpu_ms, CALENDAR_MS, "ms"),
        ]
    if found.view is not None:
        what = f"view of {found.view.municipalities:,} municipalities, p99"
        reached.append(_below(what, found.view.p99, VIEW_MS, "ms", digits=0))
    return reached


def tables(found: Calendars) -> Iterator[Table]:
    """For people."""
    if found.floor and found.ours:
        yield _starts(found.floor, found.ours)
    if found.memory is not None:
        memory = found.memory
        yield _row(
            f"Resident memory of the worker, {memory.municipalities:,} budget cycles, MB",
            {
                "before": f"{memory.before * _MB:.0f}",
                "most, following": f"{memory.most * _MB:.0f}",
                "idle": f"{memory.idle * _MB:.0f}",
                "most, revising": f"{memory.revised * _MB:.0f}",
                "KB per cycle": f"{memory.each_kib * 1.024:.0f}",
            },
        )
    if found.revision is not None:
        revision = found.revision
        yield _row(
            f"All calendars of {revision.municipalities:,} municipalities revised, seconds",
            {
                "stored and told": f"{revision.stored_seconds:.1f}",
                "all have looked again": f"{revision.seconds:.1f}",
                "CPU, by process": _cpu(revision.cpu_seconds, 1.0, "s"),
            },
        )
    if found.computed:
        yield _computed(found)
    if found.view is not None:
        view = found.view
        yield _row(
            f"GET /v1/standings, {view.municipalities:,} municipalities, "
            f"{view.requests} requests, ms",
            {"p50": f"{view.p50:.0f}", "p99": f"{view.p99:.0f}", "KB": f"{view.kilobytes:.0f}"},
        )
    if found.profile is not None:
        profile = found.profile
        table = Table(
            title=f"Where the worker's time goes as it follows: {profile.elapsed_ms:.1f} ms per "
            f"municipality, {profile.cpu_ms:.1f} ms of them on the CPU (with the profiler attached)"
        )
        table.add_column("part")
        table.add_column("of the time in Python", justify="right")
        for part, share in profile.parts.items():
            table.add_row(part, f"{share:.0%}")
        yield table


def _rate(starts: Sequence[Starts]) -> float:
    return median(each.started.per_second for each in starts)


def _starts(floor: Sequence[Starts], ours: Sequence[Starts]) -> Table:
    table = Table(title=f"Starts per second, {ours[0].started.events:,} workflows")
    table.add_column("")
    for column in ("median", "lowest–highest", "of the floor", "all done, s"):
        table.add_column(column, justify="right")
    table.add_column("CPU ms/workflow until all are done, by process")
    for title, starts in (("no-op workflows: floor", floor), ("budget cycles, followed", ours)):
        rates = [each.started.per_second for each in starts]
        middle = sorted(starts, key=lambda each: each.done_seconds)[len(starts) // 2]
        table.add_row(
            title,
            f"{median(rates):,.0f}",
            f"{min(rates):,.0f}–{max(rates):,.0f}",
            f"{median(rates) / _rate(floor):.2f}",
            f"{middle.done_seconds:.1f}",
            _cpu(middle.started.cpu_seconds, 1e3 / middle.started.events, ""),
        )
    return table


def _computed(found: Calendars) -> Table:
    table = Table(title="One calendar computed, ms")
    table.add_column("")
    for column in ("median", "worst", "CPU, mean", "first, with its years' holidays"):
        table.add_column(column, justify="right")
    for each in found.computed:
        table.add_row(
            each.what,
            f"{each.median_ms:.2f}",
            f"{each.worst_ms:.1f}",
            f"{each.cpu_ms:.2f}",
            f"{each.first_ms:.0f}",
        )
    return table


def _below(what: str, reached: float, goal: float, unit: str, *, digits: int = 2) -> Goal:
    return Goal(what, f"< {goal:.0f} {unit}", f"{reached:.{digits}f} {unit}", reached < goal)


def _row(title: str, cells: dict[str, str]) -> Table:
    table = Table(title=title)
    for name in cells:
        table.add_column(name, justify="right")
    table.add_row(*cells.values())
    return table


def _cpu(seconds: Any, factor: float, unit: str) -> str:
    return ", ".join(f"{name} {each * factor:.1f}{unit}" for name, each in seconds.items())
