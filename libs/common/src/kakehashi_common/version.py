"""`--version` of a command."""

from importlib import metadata
from typing import Any

import typer


def version_option(distribution: str) -> Any:
    """Return the option that prints the installed version of ``distribution`` and exits.

    ``app.callback()`` of a command group takes it as
    ``_: Annotated[bool, version_option("…")] = False``; so does a single command.
    """

    def show(asked: bool) -> None:  # noqa: FBT001 - typer passes it so
        if asked:
            typer.echo(f"{distribution} {metadata.version(distribution)}")
            raise typer.Exit

    return typer.Option("--version", callback=show, is_eager=True, help="Show the version and exit")
