"""``followup playbooks check | texts | shipped``: what needs no running service."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.markup import escape

from followup.domain.playbooks.audience import Role, SizeBand
from followup.domain.playbooks.checks import Limits
from followup.domain.playbooks.templates import Formality, Reader
from followup.playbooks.reading import read_playbook, shipped
from followup.playbooks.templates import CONTENT, VARIABLES, Fact, render
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.terminal import Console, reports_errors
from kakehashi_common.yaml_reader import InvalidFileError, text_of

_EXAMPLE: Final = Decimal(1234)

app = typer.Typer(no_args_is_help=True, help="Check playbooks and look at their texts.")

File = Annotated[Path, typer.Argument(help="A playbook (YAML).", exists=True, dir_okay=False)]

_reports_errors = reports_errors(InvalidFileError, DomainError)


@app.command("check")
@_reports_errors
def check_file(
    file: File,
    mails_per_week: Annotated[
        int, typer.Option(min=1, help="The limit per contact of all playbooks together.")
    ] = Limits().mails_per_week,
) -> None:
    """Read a playbook; every mistake with its line and the fix."""
    playbook = read_playbook(text_of(file), Limits(mails_per_week))
    Console().print(
        f"[green]{escape(str(file))} is a playbook:[/] {playbook.id} ({escape(playbook.name)}),"
        f" {len(playbook.steps)} steps, {len(playbook.templates)} templates",
        highlight=False,
    )


@app.command()
@_reports_errors
def texts(
    file: File,
    role: Annotated[Role, typer.Option(help="The reader's.")] = Role.OFFICER,
    size_band: Annotated[SizeBand | None, typer.Option(help="The municipality's.")] = None,
    formality: Annotated[Formality, typer.Option(help="Of the text.")] = Formality.STANDARD,
) -> None:
    """Show the texts of a playbook as one reader gets them, with examples for all values."""
    playbook = read_playbook(text_of(file), Limits())
    reader = Reader(role, size_band, formality)
    console = Console()
    names = [*VARIABLES, *(f"content.{name}" for name in CONTENT)]
    values = {name: f"〈{name}〉" for name in names}
    facts = {slot.name: Fact(_EXAMPLE, f"〈{slot.label}の出典〉") for slot in playbook.facts}
    for template in playbook.templates:
        text = render(playbook, template, reader, values, facts, {})
        console.print(f"[bold]── {template.name} ({template.kind})[/]", highlight=False)
        if text.subject:
            console.print(f"[bold]件名：[/]{escape(text.subject)}", highlight=False)
        console.print(escape(text.text), highlight=False)


@app.command("shipped")
@_reports_errors
def show_shipped(
    name: Annotated[str | None, typer.Argument(help="Its id; without one they are listed.")] = None,
) -> None:
    """List the playbooks that come with the service, or print one as YAML, to start from."""
    found = shipped()
    if name is None:
        for text in found.values():
            playbook = read_playbook(text, Limits())
            Console().print(f"[bold]{playbook.id}[/]  {escape(playbook.name)}", highlight=False)
    elif name in found:
        typer.echo(found[name], nl=False)
    else:
        raise DomainError(f"no playbook {name!r} comes with the service: {', '.join(found)}")
