"""CPU time of one assignment: ``python -m benchmarks.assignment``; no servers, no network.

The floor looks at nothing but free capacity, and takes whoever has the fewest handoffs: no role,
skills, working time, entitlement or explanation. CPU time, and the least of many passes, so that a
busy machine changes little.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer

from handoff.domain.assignment.choice import Assignment, assign
from handoff.domain.assignment.eligibility import Demand, Load
from handoff.domain.assignment.ledger import Ledger
from handoff.domain.teams.members import Member, Role, Team
from handoff.domain.teams.working_time import OFFICE_HOURS, working_times
from kakehashi_common.clock import TOKYO
from kakehashi_common.domain.business_time import Absence
from kakehashi_common.japanese_holidays import BUSINESS_DAYS

GOAL_MS: Final = 2.0
_NOW: Final = datetime(2026, 11, 30, 10, tzinfo=TOKYO)
_DEMAND: Final = Demand(
    Role.FIELD_SALES,
    "kanto",
    complexity=2,
    skills=frozenset({"digital"}),
    answer_by=_NOW + timedelta(days=1),
)
_TEAM: Final = Team("kanto", "", OFFICE_HOURS)
_LEAVE: Final = Absence(_NOW + timedelta(days=7), _NOW + timedelta(days=12))
_PASSES: Final = 200


def main(members: Annotated[int, typer.Option(help="Considered for each handoff")] = 200) -> None:
    """Print the milliseconds of CPU time that one decision takes, beside the floor's."""
    sellers = [
        Member(
            f"s-{number:04}",
            "kanto",
            frozenset({Role.FIELD_SALES}),
            capacity=1_000,
            skills=frozenset({"digital", "welfare"}),
            share=1 + number % 3,
            absences=() if number % 10 else (_LEAVE,),
        )
        for number in range(members)
    ]
    floor, ours = _floor(sellers), _ours(sellers)
    typer.echo(f"{members} members: floor {floor:.3f} ms, decision {ours:.3f} ms of CPU")
    typer.echo(f"goal < {GOAL_MS} ms: {'met' if ours < GOAL_MS else 'missed'}")


def _floor(sellers: list[Member]) -> float:
    got = dict.fromkeys((each.member_id for each in sellers), 0)

    def decide() -> None:
        free = [each.member_id for each in sellers if got[each.member_id] < each.capacity]
        got[min(free, key=got.__getitem__)] += 1

    return _least_ms(decide)


def _ours(sellers: list[Member]) -> float:
    """With working hours made, the ledger charged and everybody's line written.

    One in ten members goes on leave next week, whose working hours are computed by themselves.
    """
    load = Load({each.member_id: number % 20 for number, each in enumerate(sellers)})
    ledger = Ledger()

    def decide() -> None:
        nonlocal ledger
        hours = working_times(sellers, [_TEAM], BUSINESS_DAYS.__contains__, since=_NOW)
        found = assign(_DEMAND, sellers, hours, load, ledger, now=_NOW)
        if not isinstance(found, Assignment):
            raise TypeError(type(found))
        ledger = ledger.charged(found.member_id, found.shares)

    return _least_ms(decide)


def _least_ms(work: Callable[[], None]) -> float:
    def once() -> float:
        started = time.process_time()
        work()
        return time.process_time() - started

    return min(once() for _ in range(_PASSES)) * 1e3


if __name__ == "__main__":
    typer.run(main)
