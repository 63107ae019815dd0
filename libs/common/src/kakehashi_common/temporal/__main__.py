"""``python -m kakehashi_common.temporal register-search-attributes``.

Environment: ``KAKEHASHI_TEMPORAL_ADDRESS`` and the other names of ``TemporalSettings`` with that
prefix, such as ``KAKEHASHI_TEMPORAL_NAMESPACE`` and ``KAKEHASHI_TEMPORAL_API_KEY``.
"""

import asyncio
from typing import Annotated

import typer
from pydantic_settings import BaseSettings

from kakehashi_common.errors import KakehashiError
from kakehashi_common.settings import TemporalSettings, load, settings_config
from kakehashi_common.temporal.client import connect
from kakehashi_common.temporal.search_attributes import TYPES, register_search_attributes

app = typer.Typer(add_completion=False, help="Prepares a Temporal namespace.")


class TemporalCommandSettings(TemporalSettings, BaseSettings):
    """``TemporalSettings`` read straight from the environment."""

    model_config = settings_config("KAKEHASHI_TEMPORAL_")


@app.callback()
def main() -> None:
    """Prepare a Temporal namespace."""


@app.command("register-search-attributes")
def register(
    address: Annotated[str | None, typer.Option(help="host:port of the front end")] = None,
    namespace: Annotated[str | None, typer.Option()] = None,
) -> None:
    """Register the search attributes that our workflows set; harmless when they are there."""
    settings = load(TemporalCommandSettings)
    changes = {"address": address, "namespace": namespace}
    settings = settings.model_copy(update={k: v for k, v in changes.items() if v is not None})
    try:
        added = asyncio.run(_register(settings))
    except KakehashiError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    known = len(TYPES) - len(added)
    typer.echo(f"{settings.namespace}: {len(added)} added, {known} were there")


async def _register(settings: TemporalSettings) -> list[str]:
    return await register_search_attributes(await connect(settings))


if __name__ == "__main__":
    app()
