"""``python -m examples.journey``: one lead and one municipality, through all four services.

Each step waits until it has happened, and prints where to see it. The first one that does not
happen ends the journey with exit code 1 and says what was awaited and what was found.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.markup import escape

from examples.journey import budget, handover, lead, sequence
from examples.journey.cast import cast
from examples.journey.context import Journey
from examples.journey.services import Services, StackSettings, services
from examples.journey.steps import StepError, Steps
from kakehashi_common.http.client import ApiError
from kakehashi_common.settings import load
from kakehashi_common.temporal.time_skipping import ServerUnavailableError
from kakehashi_common.terminal import Console

app = typer.Typer()

_WITHIN = typer.Option(min=1, help="Seconds that each thing may take before the journey stops.")


@app.command()
def main(within: Annotated[int, _WITHIN] = 90) -> None:
    """Follow a lead from a stranger's first visit to the label of the won deal."""
    steps = Steps(Console(), timedelta(seconds=within))
    try:
        with services() as opened:
            _go(steps, opened, load(StackSettings))
    except (ApiError, OSError, ServerUnavailableError, StepError) as error:
        steps.console.print(
            f"[red]This did not happen: {escape(steps.current)}[/]\n{escape(str(error))}\n"
            "`make logs` shows what each process says.",
            highlight=False,
            soft_wrap=True,
        )
        raise typer.Exit(1) from None


def _go(steps: Steps, services: Services, stack: StackSettings) -> None:
    now = datetime.now(UTC)
    found = cast(now, sequence.taken_places(services))
    if found is None:
        raise StepError(
            "awaited a city that no journey has gone to; found: all have had one. `make reset` "
            "deletes all data"
        )
    handover.enter_team(services)
    sequence.prepare(services)
    journey = Journey(steps, services, stack, found, now)
    lead.visit(journey)
    lead.qualify(journey)
    sequence.know_contact(journey)
    handed_off = handover.accept(journey)
    request_by = budget.open_pursuit(journey)
    begun = sequence.approve(journey, request_by)
    mail = sequence.send(journey, begun)
    sequence.answer(journey, begun, mail)
    budget.let_years_pass(journey)
    handover.win(journey, handed_off)
    lead.label(journey, handed_off)
    steps.print(
        "\n[dim]What an API shows needs a token, as README.md says; the rest opens as it is.[/]"
    )


if __name__ == "__main__":
    app()
