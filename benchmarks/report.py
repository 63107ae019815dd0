"""A run as JSON for machines, and as a table for people."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

from rich.table import Table

from benchmarks.calendars import report as calendars_report
from benchmarks.calendars.measuring import Calendars
from benchmarks.goals import Goal
from benchmarks.growth import Memory, Scale
from benchmarks.latency import Latency
from benchmarks.profiling import Profile
from benchmarks.watching import Throughput
from kakehashi_common.terminal import Console

RESULTS: Final = Path(__file__).parent / "results"

TITLES: Final = {
    "a": "(a) floor: hot path, no scoring",
    "b": "(b) our consumer",
    "c": "(c) whole pipeline, score readable",
    "d": "(d) Quix Streams, same scoring",
}

B_OF_A, C_OF_D, P99_MS, MEMORY_MIB, FLAT_MIB, SCALE = 0.6, 1.5, 250.0, 300.0, 15.0, 1.3
"""The goals. A million events may add ``FLAT_MIB`` and still count as flat: the allocator's."""


@dataclass(slots=True)
class Report:
    """Everything that one run measured; what it left out is ``None``."""

    started_at: datetime
    machine: dict[str, Any]
    load: dict[str, Any]
    throughput: dict[str, list[Throughput]] = field(default_factory=dict)
    latency: Latency | None = None
    memory: Memory | None = None
    scale: list[Scale] = field(default_factory=list)
    profile: Profile | None = None
    calendars: Calendars | None = None

    def save(self, path: Path) -> None:
        """Write the JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        document = {
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "machine": self.machine,
            "load": self.load,
            "throughput": {
                name: {
                    "title": TITLES[name],
                    "events_per_second": round(_median(runs)),
                    "repetitions": [
                        {"events_per_second": round(run.per_second), **asdict(run)} for run in runs
                    ],
                }
                for name, runs in self.throughput.items()
                if runs
            },
            "latency_ms": self.latency and asdict(self.latency),
            "memory_mib": self.memory and asdict(self.memory),
            "scale": [{"ratio": round(each.ratio, 2), **asdict(each)} for each in self.scale],
            "profile": self.profile and asdict(self.profile),
            "calendars": self.calendars and calendars_report.document(self.calendars),
            "goals": [asdict(goal) for goal in self.goals()],
        }
        path.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")

    def goals(self) -> list[Goal]:
        """Return the goals with the values reached."""
        goals = []
        if self.throughput and all(self.throughput.values()):
            a, b, c, d = (_median(self.throughput[name]) for name in "abcd")
            goals += [
                Goal("(b) of (a)", f"≥ {B_OF_A:.2f}", f"{b / a:.2f}", b / a >= B_OF_A),
                Goal("(c) of (d)", f"≥ {C_OF_D:.2f}", f"{c / d:.2f}", c / d >= C_OF_D),
            ]
        if self.latency is not None:
            p99 = self.latency.p99
            goals.append(
                Goal(
                    f"p99 latency at {self.latency.rate:.0f} events/s",
                    f"< {P99_MS:.0f} ms",
                    f"{p99:.0f} ms",
                    p99 < P99_MS,
                )
            )
        if self.memory is not None:
            most, growth = self.memory.most, self.memory.growth
            goals += [
                Goal(
                    f"memory over {self.memory.events:,} events",
                    f"< {MEMORY_MIB:.0f} MiB",
                    f"{most:.0f} MiB",
                    most < MEMORY_MIB,
                ),
                Goal(
                    "its growth, last tenth over third tenth",
                    f"< {FLAT_MIB:.0f} MiB",
                    f"{growth:+.1f} MiB",
                    growth < FLAT_MIB,
                ),
            ]
        for each in self.scale:
            leads = f"{each.many_leads:,} leads"
            drawn = "" if each.visit == 1 else f", in visits of {each.visit}"
            ratio, most = each.ratio, each.most_memory
            goals += [
                Goal(
                    f"cost per event, {leads} over {each.leads:,}{drawn}",
                    f"≤ {SCALE:.2f}",
                    f"{ratio:.2f}",
                    ratio <= SCALE,
                ),
                Goal(
                    f"memory with {leads}{drawn}",
                    f"< {MEMORY_MIB:.0f} MiB",
                    f"{most:.0f} MiB",
                    most < MEMORY_MIB,
                ),
            ]
        if self.calendars is not None:
            goals += calendars_report.goals(self.calendars)
        return goals

    def show(self, console: Console) -> None:
        """Print the tables."""
        console.print(_machine(self.machine))
        if self.throughput and all(self.throughput.values()):
            console.print(_throughput(self.throughput))
        if self.latency is not None:
            console.print(_latency(self.latency))
        if self.profile is not None:
            console.print(_profile(self.profile))
        if self.calendars is not None:
            for table in calendars_report.tables(self.calendars):
                console.print(table)
        console.print(_goals(self.goals()))


def _median(runs: Sequence[Throughput]) -> float:
    return median(run.per_second for run in runs)


def _machine(machine: dict[str, Any]) -> str:
    return (
        f"[bold]{machine['cpu']}[/], {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['kernel']}; Python {machine['python']}, PostgreSQL {machine['postgresql']}, "
        f"load average before: {machine['load_average_before'][0]}"
    )


def _throughput(throughput: dict[str, list[Throughput]]) -> Table:
    table = Table(title="Events per second, one topic for all")
    for column in ("", "median", "lowest–highest", "of (a)", "CPU µs/event, by process"):
        table.add_column(
            column, justify="left" if not column or column.startswith("CPU") else "right"
        )
    floor = _median(throughput["a"])
    for name, runs in throughput.items():
        rates = [run.per_second for run in runs]
        cpu = {
            process: median(run.cpu_seconds.get(process, 0.0) / run.events * 1e6 for run in runs)
            for process in runs[0].cpu_seconds
        }
        table.add_row(
            TITLES[name],
            f"{median(rates):,.0f}",
            f"{min(rates):,.0f}–{max(rates):,.0f}",
            f"{median(rates) / floor:.2f}",
            ", ".join(f"{process} {each:.0f}" for process, each in cpu.items()),
        )
    return table


def _latency(latency: Latency) -> Table:
    table = Table(
        title=f"Published → score readable, {latency.rate:.0f} events/s, "
        f"{latency.samples:,} samples, ms"
    )
    row = {
        "p50": latency.p50,
        "p95": latency.p95,
        "p99": latency.p99,
        "p99.9": latency.p999,
        "worst": latency.worst,
        "generator late, p99": latency.sent_late_p99,
    }
    for name in row:
        table.add_column(name, justify="right")
    table.add_row(*(f"{each:.0f}" for each in row.values()))
    return table


def _profile(profile: Profile) -> Table:
    table = Table(
        title=f"Where the consumer's time goes: {profile.microseconds:.0f} µs per event, "
        f"{profile.on_cpu:.0f} µs of them on the CPU (with the profiler attached)"
    )
    table.add_column("part")
    table.add_column("of CPU", justify="right")
    table.add_column("µs/event", justify="right")
    for part, share in profile.parts.items():
        table.add_row(part, f"{share:.0%}", f"{share * profile.on_cpu:.1f}")
    return table


def _goals(goals: Sequence[Goal]) -> Table:
    table = Table("", "goal", "reached", "", title="Goals")
    for goal in goals:
        verdict = "[green]met[/]" if goal.met else "[bold red]missed[/]"
        table.add_row(goal.what, goal.goal, goal.reached, verdict)
    return table
