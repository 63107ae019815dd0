"""``lead-scoring replay FILE``."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from kakehashi_common.terminal import Console

EXAMPLE: Final = Path("examples/bpi2012")

_FILE = typer.Argument(help="Recorded leads, CSV or NDJSON, plain or gzip.", exists=True)
_MAPPING = typer.Option("--mapping", "-m", help="What a line means.", exists=True)
_RULES = typer.Option(help="The rule set to judge.", exists=True)
_HOURS = typer.Option(min=1, help="Score each lead as of this long after it registered.")
_TUNED = typer.Option(
    min=0, max=0.95, help="Share of leads, the first by time, on which the rules were tuned."
)


def replay_file(
    file: Annotated[Path, _FILE],
    *,
    mapping: Annotated[Path, _MAPPING] = EXAMPLE / "mapping.yaml",
    rules: Annotated[Path, _RULES] = EXAMPLE / "rules.yaml",
    hours: Annotated[int, _HOURS] = 72,
    tuned_on: Annotated[float, _TUNED] = 0.7,
) -> None:
    """Run recorded leads through the broker and say how well their scores foretold the outcome.

    They go through topics, a consumer, a relay and a database of their own, in their own time:
    nothing of the service's leads changes.
    """
    # Half of what the commands import: the others need not wait for it.
    from lead_scoring.replay.replay import replay  # noqa: PLC0415

    after = timedelta(hours=hours)
    console = Console()
    raise typer.Exit(replay(file, mapping, rules, after=after, tuned_on=tuned_on, console=console))
