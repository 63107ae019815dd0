"""``budget-calendar sessions import | backtest``."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from pydantic import TypeAdapter
from rich.markup import escape
from rich.table import Table

from budget_calendar.council_sessions.client import SCOPES, BudgetCalendarApi
from budget_calendar.council_sessions.file import LeftOut, Problem
from budget_calendar.council_sessions.files import SessionFiles, read_session_files
from budget_calendar.domain.budget_year.calendar import MilestoneKind
from budget_calendar.domain.council.backtest import Backtest, Method, backtest
from budget_calendar.domain.council.budget_numbers import MissingNumbers, missing_numbers
from budget_calendar.domain.council.prediction import Council
from budget_calendar.domain.council.sessions import BudgetBill, BudgetBillKind, ObservedSession
from budget_calendar.registry.snapshot import as_published
from kakehashi_common.contracts.municipalities import (
    Municipality,
    known_municipality_code,
    municipalities,
)
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.http.client import Api, ApiError, token_option
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from kakehashi_common.settings import load
from kakehashi_common.terminal import Console, reports_errors

app = typer.Typer(
    no_args_is_help=True, help="Council sessions (議会): read files, judge predictions."
)

Folder = Annotated[
    Path, typer.Argument(help="A folder of session files (*.json), or one file.", exists=True)
]
Code = Annotated[str, typer.Option(help="The municipality's code, six digits, such as 102032.")]
Token = Annotated[str | None, token_option("BUDGET_CALENDAR_")]

AT_ONCE: Final = 200
"""Sessions in one request."""

_session: Final = TypeAdapter(ObservedSession)

_reports_errors = reports_errors(ValueError, OSError, ApiError)


@app.command("import")
@_reports_errors
def import_sessions(
    folder: Folder,
    *,
    code: Code,
    dry_run: Annotated[bool, typer.Option(help="Read and report; store nothing.")] = False,
    token: Token = None,
) -> None:
    """Read a council's sessions as published, and say what could not be read, with its value.

    They are stored over HTTP: whoever has the files need not have the database's password, the
    service checks them as it checks everybody's, and its audit trail names who entered them.
    """
    municipality = _municipality(code)
    read = read_session_files(folder, code, municipality.name)
    console = Console()
    _print_sessions(console, municipality, read)
    _print_problems(console, read.problems)
    _print_missing(console, missing_numbers(read.sessions))
    _print_incomplete(console, read.sessions)
    if not read.sessions:
        raise DomainError(f"no session of {folder} could be read")
    if dry_run:
        console.print("Nothing stored: this was a dry run.")
        return
    with Api(load(BudgetCalendarApi), SCOPES, token) as service:
        _print_revision(console, [_store(service, code, part) for part in _parts(read.sessions)])


def _store(service: Api, code: str, sessions: Sequence[ObservedSession]) -> dict[str, Any]:
    """Enter sessions of one council; what the API answers.

    Raises:
        ApiError: it can't be reached, or refuses them.
    """
    body = json.dumps({"sessions": [_as_json(each) for each in sessions]}).encode()
    answer: dict[str, Any] = service.post(
        f"/v1/municipalities/{code}/sessions", body, "application/json"
    )
    return answer


def _parts(sessions: Sequence[ObservedSession]) -> Iterator[Sequence[ObservedSession]]:
    """As many as the API takes at a time."""
    for first in range(0, len(sessions), AT_ONCE):
        yield sessions[first : first + AT_ONCE]


def _as_json(session: ObservedSession) -> dict[str, Any]:
    shown: dict[str, Any] = _session.dump_python(session, mode="json")
    del shown["code"]
    return shown


def _print_revision(console: Console, answers: Sequence[dict[str, Any]]) -> None:
    stored = sum(each["stored"] for each in answers)
    console.print(f"[green]Stored {stored} sessions.[/]", highlight=False)
    moved: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for answer in answers:
        for each in answer["revision"]["moved"]:
            moved.setdefault((each["fiscal_year"], each["milestone"]), []).append(each)
    for (fiscal_year, _), (first, *more) in moved.items():
        last = more[-1] if more else first
        before, after = (shown and shown["likely"] for shown in (first["before"], last["after"]))
        console.print(
            f"  {fiscal_year} {last['label']['ja']} ({last['label']['en']}):"
            f" {before or '–'} → {after or '–'}",
            highlight=False,
        )
    if not moved:
        console.print("No stored calendar has moved.")


@app.command("backtest")
@_reports_errors
def run_backtest(
    folder: Folder,
    *,
    train_to: Annotated[int, typer.Option(help="The last year that is only learnt from.")],
    test_from: Annotated[int | None, typer.Option(help="Default: the year after.")] = None,
    test_to: Annotated[int | None, typer.Option(help="Default: the last year read.")] = None,
    code: Annotated[
        str | None,
        typer.Option(help="The municipality's code: what is usual depends on its kind and size."),
    ] = None,
    term_ends: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The end of any one term of the head: elections move sessions.",
        ),
    ] = None,
) -> None:
    """Say how well a council's past would have foretold its openings and last voting days.

    Each year is predicted from all years before it, those after --train-to included. Only regular
    sessions (定例会) count, by their place in the calendar year.
    """
    municipality = None if code is None else _municipality(code)
    name = "" if municipality is None else municipality.name
    read = read_session_files(folder, code or "", name)
    if not read.sessions:
        raise DomainError(f"no session of {folder} could be read")
    first = train_to + 1 if test_from is None else test_from
    last = max(each.year for each in read.sessions) if test_to is None else test_to
    if not train_to < first <= last:
        raise DomainError(
            f"train to {train_to}, test {first}–{last}: test years that come after, in order"
        )
    council = _council(code, None if term_ends is None else term_ends.date())
    years = range(first, last + 1)
    console = Console()
    _print_trials(console, votes := backtest(read.sessions, years, BUSINESS_DAYS, council))
    _print_summary(console, "last votes", votes)
    try:
        openings = backtest(
            read.sessions, years, BUSINESS_DAYS, council, of=MilestoneKind.SESSION_OPENS
        )
    except DomainError:
        console.print("\nToo few openings are known to test them.")
    else:
        _print_summary(console, "openings", openings)


def _council(code: str | None, term_ends: date | None) -> Council:
    found = next((each for each in as_published() if each.code == code), None)
    if found is None:
        return Council(head_term_ends=term_ends)
    return Council(found.type, found.japanese_residents, term_ends)


def _municipality(code: str) -> Municipality:
    return municipalities()[known_municipality_code(code)]


_LEGEND = (
    "opens –: the published days do not tell. 当初: initial budgets passed. 補正: supplementary"
    " budgets passed by the council. 専決: decided by the head and approved. 一般会計補正: the"
    " general account's supplementary budgets by fiscal year and number, 専 behind those that the"
    " head decided."
)


def _print_sessions(console: Console, municipality: Municipality, read: SessionFiles) -> None:
    console.print(f"{municipality.name} ({municipality.code})", highlight=False)
    table = Table(box=None)
    for column in ("session", "opens", "last vote"):
        table.add_column(column, no_wrap=True)
    for column in ("当初", "補正", "専決"):
        table.add_column(column, no_wrap=True, justify="right")
    table.add_column("一般会計補正")
    for each in read.sessions:
        table.add_row(
            _name(each),
            "–" if each.opens_on is None else f"{each.opens_on}",
            f"{each.last_vote_on:%Y-%m-%d %a}",
            _count(bill.passed for bill in each.bills if bill.kind is BudgetBillKind.INITIAL),
            _count([each.supplementary_passed]),
            _count(bill.passed for bill in each.bills if bill.decided_by_head),
            _general(each.bills),
        )
    console.print(table)
    console.print(f"{len(read.sessions)} sessions from {read.files} files.", highlight=False)
    console.print(_LEGEND, style="dim", highlight=False)
    for each in read.sessions:
        for bill in each.bills:
            if not bill.passed:
                console.print(f"Not passed in {_name(each)}: {escape(bill.title)}", highlight=False)


def _name(session: ObservedSession) -> str:
    return f"{session.year} 第{session.number}回{session.kind.japanese}"


def _count(passed: Iterable[int]) -> str:
    return str(sum(passed) or "–")


def _general(bills: Iterable[BudgetBill]) -> str:
    """``2021: 10専 11 12; 2022: 1``."""
    years: dict[int, list[str]] = {}
    for bill in bills:
        if bill.kind is BudgetBillKind.SUPPLEMENTARY and bill.account == "一般会計":
            number = f"{bill.number}{'専' if bill.decided_by_head else ''}"
            years.setdefault(bill.fiscal_year, []).append(number)
    return "; ".join(f"{year}: {' '.join(numbers)}" for year, numbers in years.items())


_OUTCOMES = {
    LeftOut.SESSION: "[red]session left out[/]",
    LeftOut.VALUE: "[yellow]left out[/]",
    LeftOut.NOTHING: "[green]read[/]",
}


def _print_problems(console: Console, problems: Sequence[Problem]) -> None:
    if not problems:
        console.print("Everything could be read.")
        return
    console.print("\n[bold]Could not be read, or not as it stands[/]")
    for each in problems:
        where = escape(f"{each.file} {each.field}".strip())
        value = escape(each.value.replace("\n", "⏎"))
        console.print(f"{where}: {value}" if value else where, highlight=False)
        console.print(f"    {_OUTCOMES[each.left_out]}: {escape(each.reason)}", highlight=False)


def _print_missing(console: Console, gaps: Sequence[MissingNumbers]) -> None:
    if not gaps:
        return
    table = Table(box=None)
    for column in ("fiscal year", "account", "number", "decided"):
        table.add_column(column, no_wrap=True)
    for gap in gaps:
        table.add_row(
            str(gap.fiscal_year),
            gap.account,
            ", ".join(map(str, gap.numbers)),
            f"until {gap.before}" if gap.after is None else f"{gap.after} to {gap.before}",
        )
    console.print("\n[bold]Supplementary budgets that later numbers presuppose, but nobody read[/]")
    console.print(table)


def _print_incomplete(console: Console, sessions: Iterable[ObservedSession]) -> None:
    names = [_name(each) for each in sessions if each.lacks_initial_budget]
    if not names:
        return
    console.print("\n[bold]Spring sessions without an initial budget (当初予算)[/]")
    console.print(
        f"{', '.join(names)}: bills are missing, so their supplementary budgets are not counted.",
        highlight=False,
    )


_METHODS = {
    Method.OURS: "this prediction",
    Method.SAME_DATE_LAST_YEAR: "same date last year",
    Method.SAME_WEEKDAY_LAST_YEAR: "same weekday last year",
    Method.SAME_WEEKDAY_OF_MONTH: "same weekday of the month",
    Method.MEDIAN_OF_LAST_FIVE: "median day of the last five years",
    Method.MEAN_OF_LAST_FIVE: "mean day of the last five years",
}


def _print_trials(console: Console, result: Backtest) -> None:
    table = Table(box=None)
    for column in ("session", "last vote", "predicted", "80 % window", "held"):
        table.add_column(column, no_wrap=True)
    table.add_column("error\n(days)", justify="right")
    for trial in result.trials:
        window = trial.window
        table.add_row(
            f"{trial.year} 第{trial.number}回",
            f"{trial.held:%Y-%m-%d %a}",
            f"{window.likely:%m-%d %a}",
            f"{window.earliest:%m-%d} – {window.latest:%m-%d}",
            "[green]yes[/]" if trial.window_held else "[red]no[/]",
            f"{trial.errors[Method.OURS]:g}",
        )
    console.print(table)


def _print_summary(console: Console, of: str, result: Backtest) -> None:
    summary = Table(box=None)
    summary.add_column(of)
    summary.add_column("mean error (days)", justify="right")
    summary.add_column("median error (days)", justify="right")
    for method, name in _METHODS.items():
        mean, median = result.mean_error(method), result.median_error(method)
        summary.add_row(name, f"{mean:.2f}", f"{median:.1f}")
    console.print()
    console.print(summary)
    held = sum(trial.window_held for trial in result.trials)
    console.print(
        f"80 % windows held {held} of {len(result.trials)} times ({result.coverage:.0%});"
        f" they span {result.mean_window_days:.1f} days on average.",
        highlight=False,
    )
    if result.left_out:
        names = ", ".join(f"{year} 第{number}回" for year, number in result.left_out)
        console.print(f"Not compared, for lack of the year before: {names}", highlight=False)
