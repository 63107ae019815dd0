"""``budget-calendar``: one group of commands for each part of the service."""

from typing import Annotated

import typer

from budget_calendar.council_sessions import commands as sessions_commands
from budget_calendar.municipalities import commands as registry_commands
from budget_calendar.simulation.commands import simulate
from kakehashi_common.version import version_option

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Every municipality's budget year, from the command line.",
)


@app.callback()
def _options(*, _: Annotated[bool, version_option("budget-calendar")] = False) -> None:
    pass


app.add_typer(registry_commands.app, name="registry")
app.add_typer(sessions_commands.app, name="sessions")
app.command()(simulate)


if __name__ == "__main__":
    app()
