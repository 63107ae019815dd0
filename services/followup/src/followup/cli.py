"""``followup``: what can be done without a running service."""

from typing import Annotated

import typer

from followup.playbooks import commands
from kakehashi_common.version import version_option

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Follow-ups from the command line.",
)


@app.callback()
def _options(*, _: Annotated[bool, version_option("followup")] = False) -> None:
    pass


app.add_typer(commands.app, name="playbooks")


if __name__ == "__main__":
    app()
