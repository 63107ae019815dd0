"""``python -m benchmarks.predictions``: how well council sessions are foretold, and from what.

Every council is held out: what is usual comes from the others. The origin rolls: a year is
predicted from the years before it. Needs the data folder only, no servers; takes some seconds.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from benchmarks.predictions import practice
from benchmarks.predictions.councils import (
    DATA,
    KIRYU,
    SHINAGAWA,
    SHINAGAWA_TERM_ENDS,
    ObservedCouncil,
    observed_councils,
    without,
)
from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.session_customs import MEASURED, customs_of
from budget_calendar.domain.council.backtest import Backtest, Method, Tested, Trial, backtest
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.terminal import Console

TESTED: tuple[Tested, Tested] = (Kind.SESSION_OPENS, Kind.SESSION_VOTE)
_SHORT = {
    Method.OURS: "ours",
    Method.SAME_DATE_LAST_YEAR: "date",
    Method.SAME_WEEKDAY_LAST_YEAR: "weekday",
    Method.SAME_WEEKDAY_OF_MONTH: "nth day",
    Method.MEDIAN_OF_LAST_FIVE: "median",
    Method.MEAN_OF_LAST_FIVE: "mean",
}


def rolling(
    council: ObservedCouncil, councils: Sequence[ObservedCouncil], of: Tested
) -> Backtest | None:
    """Every year of a council from the years before it; ``None`` where there is nothing to test."""
    known = council.council
    customs = customs_of(known.kind, known.japanese_residents)
    usual = practice.derive(without(council.code, councils), customs) if customs else None
    years = [each.year for each in council.sessions]
    if not years:
        return None
    span = range(min(years), max(years) + 1)
    try:
        return backtest(council.sessions, span, BUSINESS_DAYS, known, of=of, practices=usual)
    except DomainError:
        return None


def with_term(council: ObservedCouncil) -> ObservedCouncil:
    """Shinagawa as if the end of its head's term were known."""
    known = replace(council.council, head_term_ends=SHINAGAWA_TERM_ENDS)
    return replace(council, council=known)


def by_group(councils: Sequence[ObservedCouncil], of: Tested) -> dict[str, list[Trial]]:
    """The trials of all councils, by group."""
    found: dict[str, list[Trial]] = defaultdict(list)
    for council in councils:
        if result := rolling(council, councils, of):
            found[_group(council)] += result.trials
        if council.code == SHINAGAWA and (result := rolling(with_term(council), councils, of)):
            found["Shinagawa, term known"] += result.trials
    return dict(found)


def _group(council: ObservedCouncil) -> str:
    if council.code in {KIRYU, SHINAGAWA}:
        return {KIRYU: "Kiryu", SHINAGAWA: "Shinagawa, term unknown"}[council.code]
    customs = customs_of(council.council.kind, council.council.japanese_residents)
    return customs.name if customs else "others"


def main(data: Annotated[Path, typer.Option(help="The folder of the data")] = DATA) -> None:
    """Print both back-tests, and the windows of common practice as they follow from the data."""
    councils = observed_councils(data)
    console = Console()
    for of in TESTED:
        name = "openings" if of is Kind.SESSION_OPENS else "last votes"
        _print_trials(console, f"{name}, from the council's own earlier years", councils, of)
    for customs in MEASURED:
        _print_practice(console, councils, customs.name)
    for customs in MEASURED:
        console.print(f"\n{customs.name}: as derived from all of them")
        for key, each in practice.derive(councils, customs).items():
            console.print(f"  {key}: {each.earliest} {each.likely} {each.latest} ({each.source})")


def _print_trials(
    console: Console, title: str, councils: Sequence[ObservedCouncil], of: Tested
) -> None:
    table = Table("group", title=title, box=None, title_justify="left")
    for column in ("n", *_SHORT.values(), "held", "days"):
        table.add_column(column, justify="right")
    for group, trials in sorted(by_group(councils, of).items()):
        table.add_row(group, *_cells(trials))
    console.print()
    console.print(table)


def _cells(trials: Iterable[Trial]) -> list[str]:
    result = Backtest(tuple(trials), ())
    errors = (f"{result.mean_error(method):.2f}" for method in _SHORT)
    held, width = f"{result.coverage:.0%}", f"{result.mean_window_days:.1f}"
    return [str(len(result.trials)), *errors, held, width]


def _print_practice(console: Console, councils: Sequence[ObservedCouncil], name: str) -> None:
    customs = next(each for each in MEASURED if each.name == name)
    found = practice.held_out(councils, customs)
    table = Table("milestone", title=f"{name}, held out", box=None, title_justify="left")
    for column in ("days", "councils", "bias", "median error", "held", "width"):
        table.add_column(column, justify="right")
    for key in [*sorted({each.key for each in found}), "all"]:
        each = practice.summary([one for one in found if key in {one.key, "all"}])
        table.add_row(
            key,
            str(each.days),
            str(each.councils),
            f"{each.bias:+.1f}",
            f"{each.median_error:.1f}",
            f"{each.held:.0%}",
            f"{each.width:.1f}",
        )
    console.print()
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
