"""Measures followup beside floors that do the same without its rules.

Behaviours are decided for events of a topic that a consumer without rules reads too; mails are sent
to a mail server to which a bare loop sends too; sequences are left waiting for approval while the
memory of their worker is read. What each floor leaves out is said in ``benchmarks/README.md``.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from benchmarks import machine
from benchmarks.followups import deciding, living, mailing
from benchmarks.goals import Goal
from benchmarks.load import Load
from benchmarks.servers import NoServersError, Servers
from kakehashi_common.terminal import Console


class Part(StrEnum):
    """A part of the measurement."""

    DECISIONS = "decisions"
    MAILS = "mails"
    MEMORY = "memory"
    PROFILE = "profile"


def decisions(servers: Servers, load: Load, console: Console) -> Goal:
    """Measure decisions on behaviours."""
    found = deciding.measure(servers, load)
    for name, run in (("no rules", found.floor), ("followup", found.ours)):
        used = ", ".join(
            f"{process} {1e6 * seconds / run.events:.0f} µs"
            for process, seconds in run.cpu_seconds.items()
        )
        console.print(f"{name}: {run.per_second:,.0f} events a second; CPU of each: {used}")
    console.print(f"{found.seen:,} behaviours seen, {found.entries:,} entries decided")
    share = found.share
    console.print(f"by CPU, PostgreSQL's included: {found.share_of_cpu:.2f} of the floor")
    return Goal("events decided, of a floor without rules", "≥ 0.3", f"{share:.2f}", share >= 0.3)


def mails(servers: Servers, count: int, console: Console) -> Goal:
    """Measure mails sent."""
    found = mailing.measure(servers, count)
    console.print(
        f"bare loop: {found.bare:.0f} mails a second, {found.bare_cpu_ms:.1f} ms of CPU each; one "
        f"that composes and signs each mail: {found.composing:.0f}, {found.composing_cpu_ms:.1f} ms"
    )
    others = ", ".join(f"{name} {used:.1f} ms" for name, used in found.servers_cpu_ms.items())
    console.print(
        f"followup: {found.ours:.0f} mails a second, {found.ours_cpu_ms:.1f} ms of CPU each; "
        f"{others}; {found.share_of_composing:.2f} of the loop that composes and signs"
    )
    share = found.share
    return Goal("mails sent, of a bare loop", "≥ 0.5", f"{share:.2f}", share >= 0.5)


def memory(servers: Servers, live: int, kept: int, console: Console) -> Goal:
    """Measure the memory of a worker."""
    found = living.measure(servers, live, kept)
    console.print(
        f"{live} sequences wait, {min(live, kept)} of them in memory: the worker at most "
        f"{found.most:.0f} MiB, {found.before:.0f} before, so {found.of_each:.0f} KiB for each; "
        f"they entered in {found.seconds:.0f} s"
    )
    what = f"memory with {live} live sequences"
    return Goal(what, "< 800 MB", f"{found.most:.0f} MiB", found.most < 762)


def main(
    *,
    only: Annotated[Part | None, typer.Option(help="One part")] = None,
    events: Annotated[int, typer.Option(help="Events of behaviour")] = 100_000,
    leads: Annotated[int, typer.Option(help="Leads who behave")] = 5_000,
    count: Annotated[int, typer.Option("--mails", help="Mails sent")] = 2_000,
    live: Annotated[int, typer.Option(help="Sequences that wait")] = 5_000,
    kept: Annotated[int, typer.Option(help="Sequences that the worker keeps in memory")] = 1_000,
) -> None:
    """Measure followup beside floors that do the same without its rules."""
    console = Console()
    try:
        servers = Servers.of_environment()
    except NoServersError as error:
        console.print(f"error: {error}", style="red")
        raise typer.Exit(2) from None
    console.print(str(machine.describe(servers)), style="dim")
    load = Load(events, leads, datetime.now(UTC))
    goals = []
    try:
        if only in (None, Part.DECISIONS):
            goals.append(decisions(servers, load, console))
        if only in (None, Part.MAILS):
            goals.append(mails(servers, count, console))
        if only in (None, Part.MEMORY):
            goals.append(memory(servers, live, kept, console))
        if only is Part.PROFILE:
            for part, share in deciding.profile(servers, load).items():
                console.print(f"{share:6.1%}  {part}")
    finally:
        servers.drop_topics()
    for goal in goals:
        console.print(
            f"{goal.what}: {goal.reached} (goal {goal.goal}): {'met' if goal.met else 'missed'}"
        )


if __name__ == "__main__":
    typer.run(main)
