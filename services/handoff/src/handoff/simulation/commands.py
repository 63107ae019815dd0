"""``handoff simulate``: play a team's weeks in a minute."""

import asyncio
import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from handoff.simulation import terminal_report
from handoff.simulation.document import as_json
from handoff.simulation.picture import quarter_svg
from handoff.simulation.player import Played, play
from handoff.simulation.results import results_of
from handoff.simulation.scenario import Scenario
from kakehashi_common.pictures.files import check_picture, write_picture
from kakehashi_common.temporal.time_skipping import ServerUnavailableError
from kakehashi_common.terminal import FAILED, TIME_SKIPPING_SERVER, Console, reports_errors
from kakehashi_common.yaml_models import read_model
from kakehashi_common.yaml_reader import InvalidFileError, text_of

_SCENARIO = typer.Option(
    exists=True, dir_okay=False, help="The organisation, its people's habits and the leads: YAML."
)
_WEEKS = typer.Option(min=1, max=52, help="How many weeks pass [default: the scenario's].")
_SEED = typer.Option(
    min=0, max=2**31, help="Of everything left to chance [default: the scenario's]."
)
_PICTURE = typer.Option(dir_okay=False, help="Draw the weeks and the shares to this .svg or .png.")
_JSON = typer.Option("--json", dir_okay=False, help="Write everything to this file.")


@reports_errors(ServerUnavailableError)
def simulate(
    *,
    scenario: Annotated[Path, _SCENARIO],
    weeks: Annotated[int | None, _WEEKS] = None,
    seed: Annotated[int | None, _SEED] = None,
    picture: Annotated[Path | None, _PICTURE] = None,
    json_file: Annotated[Path | None, _JSON] = None,
    server: Annotated[Path | None, TIME_SKIPPING_SERVER] = None,
) -> None:
    """Let a team's weeks pass: the real workflow and rules, on a server that skips time.

    The same scenario and seed give the same weeks.
    """
    console, errors = Console(), Console(stderr=True)
    check_picture(picture)
    try:
        wanted = read_model(text_of(scenario), Scenario)
    except InvalidFileError as error:
        for problem in error.problems:
            errors.print(f"[red]{scenario}:[/] {escape(str(problem))}", highlight=False)
        raise typer.Exit(FAILED) from None
    chosen = {"weeks": weeks, "seed": seed}
    changed = {name: value for name, value in chosen.items() if value is not None}
    played = _played(wanted.model_copy(update=changed), server, errors)
    results = results_of(played)
    terminal_report.show(console, played, results)
    if json_file:
        document = json.dumps(as_json(played, results), ensure_ascii=False, indent=2)
        json_file.write_text(document + "\n", encoding="utf-8")
    if picture:
        write_picture(picture, quarter_svg(played, results))


def _played(scenario: Scenario, server: Path | None, errors: Console) -> Played:
    """Let the weeks pass, with a bar on the terminal."""
    first = scenario.span.first.monday
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        TextColumn("{task.fields[day]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors, transient=True) as progress:
        what = f"{scenario.weeks} weeks"
        task = progress.add_task(what, total=scenario.weeks * 7, day="starting the server")

        def on_day(day: date) -> None:
            progress.update(task, completed=(day - first).days, day=str(day))

        return asyncio.run(play(scenario, server, on_day=on_day))
