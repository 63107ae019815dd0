"""``lead-scoring``: import files, replay the past, work with rule sets."""

from typing import Annotated

import typer

from kakehashi_common.version import version_option
from lead_scoring.importer.command import import_file
from lead_scoring.replay.command import replay_file
from lead_scoring.rule_publishing import commands

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Lead scoring from the command line. Settings: LEAD_SCORING_…, see .env.example.",
)


@app.callback()
def _options(*, _: Annotated[bool, version_option("lead-scoring")] = False) -> None:
    pass


app.command("import")(import_file)
app.command("replay")(replay_file)
app.add_typer(commands.app, name="rules")


if __name__ == "__main__":
    app()
