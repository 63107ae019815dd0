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
from examples.journey.services import Services, StackSettings, services
from examples.journey.steps import StepError, Steps
from kakehashi_common.clock import japan_day
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
    today = japan_day(now)
    found = cast(now, sequence.taken_places(services))
    if found is None:
        raise StepError(
            "awaited a city that no journey has gone to; found: all have had one. `make reset` "
            "deletes all data"
        )
    handover.enter_team(services)
    sequence.prepare(services)
    lead.visit(steps, services, found, now)
    lead.qualify(steps, services, found, now)
    sequence.know_contact(steps, services, found, today)
    handed_off = handover.accept(steps, services, stack, found)
    request_by = budget.open_pursuit(steps, services, stack, found, today)
    begun = sequence.approve(steps, services, stack, found, request_by)
    mail = sequence.send(steps, services, stack, begun)
    sequence.answer(steps, services, stack, found, begun, mail)
    budget.let_years_pass(steps, stack, found, today)
    handover.win(steps, services, found, handed_off)
    lead.label(steps, services, found, handed_off)
    steps.print(
        "\n[dim]What an API shows needs a token, as README.md says; the rest opens as it is.[/]"
    )


if __name__ == "__main__":
    app()
