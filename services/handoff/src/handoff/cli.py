"""``handoff``: what can be done without a running service."""

from typing import Annotated

import typer

from handoff.simulation.commands import simulate
from kakehashi_common.version import version_option

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Handoffs from inside sales to field sales, from the command line.",
)


@app.callback()
def _options(*, _: Annotated[bool, version_option("handoff")] = False) -> None:
    pass


app.command()(simulate)


if __name__ == "__main__":
    app()
