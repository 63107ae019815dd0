"""``budget-calendar simulate``: play the years to come in seconds."""

import asyncio
import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from budget_calendar.calendars.calculator import CalendarInputs
from budget_calendar.domain.budget_year.scheduled_events import LEAD_BUSINESS_DAYS
from budget_calendar.registry.search import Criteria, Registry
from budget_calendar.registry.snapshot import shipped
from budget_calendar.simulation import report
from budget_calendar.simulation.player import Played, play
from budget_calendar.simulation.scenario import DEFAULT_YEARS, MOST_YEARS, Scenario
from budget_calendar.simulation.scenario_file import read_scenario
from budget_calendar.simulation.sequence import lines_of
from kakehashi_common.clock import TOKYO
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text
from kakehashi_common.pictures.files import check_picture, write_picture
from kakehashi_common.temporal.time_skipping import ServerUnavailableError
from kakehashi_common.terminal import FAILED, TIME_SKIPPING_SERVER, Console, reports_errors
from kakehashi_common.yaml_reader import InvalidFileError, text_of

_SCENARIO = typer.Option(exists=True, dir_okay=False, help="What is known and what happens: YAML.")
_MUNICIPALITIES = typer.Option(help="Codes, separated by commas: 102032,102041.")
_PREFECTURE = typer.Option(help="All of a prefecture, and itself: 群馬県, 群馬 or 10.")
_YEARS = typer.Option(min=1, max=MOST_YEARS, help="How many years pass [default: 5].")
_STARTS = typer.Option(formats=["%Y-%m-%d"], help="The first day in Japan [default: today].")
_ALL = typer.Option("--all", help="Each announcement of a milestone, not only the last.")
_PICTURE = typer.Option(dir_okay=False, help="Draw the sequence to this .svg or .png.")
_JSON = typer.Option("--json", dir_okay=False, help="Write everything to this file.")
_TEMPLATE = typer.Option(help="Of the calendars, where nothing better is known.")


@reports_errors(DomainError, ServerUnavailableError)
def simulate(  # noqa: PLR0913 - the options of a command
    *,
    scenario: Annotated[Path | None, _SCENARIO] = None,
    municipalities: Annotated[str, _MUNICIPALITIES] = "",
    prefecture: Annotated[str, _PREFECTURE] = "",
    years: Annotated[int | None, _YEARS] = None,
    starts: Annotated[datetime | None, _STARTS] = None,
    every: Annotated[bool, _ALL] = False,
    picture: Annotated[Path | None, _PICTURE] = None,
    json_file: Annotated[Path | None, _JSON] = None,
    language: Annotated[Literal["ja", "en"], typer.Option(help="Of all texts.")] = "ja",
    template: Annotated[Literal["published", "textbook"], _TEMPLATE] = "published",
    server: Annotated[Path | None, TIME_SKIPPING_SERVER] = None,
) -> None:
    """Let years pass in seconds: the real workflows, on a server that skips time.

    Exit code 1 if something that the scenario wants to happen is refused.
    """
    console, errors = Console(), Console(stderr=True)
    check_picture(picture)
    try:
        wanted = _scenario(scenario, municipalities, prefecture, starts)
        if years:
            wanted = _shortened(wanted, years, errors)
        played = _played(wanted, server, template, errors)
    except InvalidFileError as error:
        for problem in error.problems:
            errors.print(f"[red]{scenario}:[/] {escape(str(problem))}", highlight=False)
        raise typer.Exit(FAILED) from None
    lines = lines_of(played)
    report.show(console, played, lines, language, every=every)
    if json_file:
        document = json.dumps(report.as_json(played, lines), ensure_ascii=False, indent=2)
        json_file.write_text(document + "\n", encoding="utf-8")
    if picture:
        _draw(picture, report.picture(played, lines, language), errors)
    if played.refused:
        raise typer.Exit(FAILED)


def _scenario(
    file: Path | None, municipalities: str, prefecture: str, starts: datetime | None
) -> Scenario:
    """Return the scenario that the options describe.

    Raises:
        InvalidFileError: the file can't be used.
        DomainError: nothing to simulate, an unknown code or prefecture, an event before the start.
    """
    registry = Registry(shipped())
    chosen = [registry.get(code.strip()) for code in municipalities.split(",") if code.strip()]
    if prefecture:
        chosen += registry.find(Criteria(prefecture=prefecture))
    today = datetime.now(TOKYO).date()
    if file:
        text = text_of(file)
        scenario = read_scenario(text, file.parent, registry, today)
    elif chosen:
        scenario = Scenario(_title(len(chosen)), today, DEFAULT_YEARS, ())
    else:
        raise DomainError("name --municipalities, a --prefecture or a --scenario")
    if starts:
        scenario = scenario.starting(starts.date())
    return scenario.following(CalendarInputs(each) for each in chosen)


def _title(count: int) -> Text:
    return Text(f"{count}自治体の予算年度", f"The budget years of {count} municipalities")


def _shortened(scenario: Scenario, years: int, errors: Console) -> Scenario:
    """Return the scenario for ``years`` and report how many later events are left out."""
    shorter = scenario.lasting(years)
    if left_out := len(scenario.events) - len(shorter.events):
        errors.print(f"{left_out} events after {shorter.ends} are left out.", highlight=False)
    return shorter


def _played(scenario: Scenario, server: Path | None, template: str, errors: Console) -> Played:
    """Let the years pass, with a bar on the terminal."""
    days = (scenario.ends - scenario.starts).days
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[day]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as progress:
        count = len(scenario.inputs)
        what = f"{count} {'municipality' if count == 1 else 'municipalities'}"
        task = progress.add_task(what, total=days, day="starting the server")

        def on_day(day: date) -> None:
            progress.update(task, completed=(day - scenario.starts).days, day=str(day))

        return asyncio.run(
            play(
                scenario,
                server,
                template=template,
                lead_business_days=LEAD_BUSINESS_DAYS,
                on_day=on_day,
            )
        )


def _draw(file: Path, drawn: tuple[str, bool], errors: Console) -> None:
    svg, complete = drawn
    write_picture(file, svg)
    if not complete:
        errors.print(
            f"{file} leaves the milestones out: there are more than a picture can show.",
            highlight=False,
        )
