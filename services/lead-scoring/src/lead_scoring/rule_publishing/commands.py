"""``lead-scoring rules check | publish | list | diff``."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.markup import escape
from rich.table import Table

from kakehashi_common.http.client import Api, ApiError, token_option
from kakehashi_common.settings import load
from kakehashi_common.terminal import FAILED, Console, reports_errors
from kakehashi_common.yaml_reader import InvalidFileError, text_of
from lead_scoring.client.settings import SCOPES, LeadScoringApi
from lead_scoring.domain.rules import RuleSet
from lead_scoring.rules.diff import differences
from lead_scoring.rules.file import check, published

_YAML: Final = "application/yaml"
_MOVES_SHOWN: Final = 10

app = typer.Typer(no_args_is_help=True, help="Check, publish and compare rule sets.")

Token = Annotated[str | None, token_option("LEAD_SCORING_")]
File = Annotated[Path, typer.Argument(help="A rule file (YAML).", exists=True, dir_okay=False)]


_reports_errors = reports_errors(ApiError, InvalidFileError)


@app.command("check")
@_reports_errors
def check_file(file: File) -> None:
    """Read a rule file; every mistake with its line. Needs no server."""
    rules = check(text_of(file))
    Console().print(
        f"[green]{file} is a rule set:[/] {rules.name}, {len(rules.engagement_rules)} engagement"
        f" and {len(rules.fit_rules)} fit rules, checksum {rules.checksum()[:12]}",
        highlight=False,
    )


@app.command()
@_reports_errors
def publish(
    file: File,
    *,
    dry_run: Annotated[
        bool, typer.Option(help="Only say how many leads would change grade.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Publish without asking.")] = False,
    token: Token = None,
) -> None:
    """Put a rule file in force; every lead is then scored again.

    It says first how many leads would change grade, and asks, where somebody sits at a terminal.
    """
    document = text_of(file)
    check(document)
    console = Console()
    with _api(token) as api:
        _print_preview(console, api.post("/v1/rules/preview", document.encode(), _YAML))
        if dry_run:
            console.print("Nothing published: this was a dry run.")
            return
        if not yes and sys.stdin.isatty() and not typer.confirm("Publish?"):
            raise typer.Exit(FAILED)
        answer = api.post("/v1/rules", document.encode(), _YAML)
    version = f"{answer['name']}, version {answer['version']}"
    if not answer["created"]:
        console.print(f"Nothing to do: {version}, is in force and means the same.", highlight=False)
        return
    console.print(f"[green]Published {version}.[/]", highlight=False)
    started = (
        "is being scored again" if answer["rescore_started"] else "follows, once Temporal is back"
    )
    console.print(
        f"New events are scored by it already; every other lead {started}"
        f" (workflow {answer['workflow_id']}). `lead-scoring rules list` says when that is done.",
        highlight=False,
    )


def _print_preview(console: Console, preview: dict[str, Any]) -> None:
    scored, changed = preview["scored"], preview["changed_grades"]
    of_all = (
        f"all {scored:,} leads"
        if scored == preview["leads"]
        else f"a sample of {scored:,} of {preview['leads']:,} leads"
    )
    share = f" ({changed / scored:.1%})" if scored else ""
    console.print(f"Today {changed:,} of {of_all} would change grade{share}.", highlight=False)
    if not preview["moves"]:
        return
    table = Table(box=None)
    for title in ("from", "to"):
        table.add_column(title, no_wrap=True)
    table.add_column("leads", justify="right")
    for move in preview["moves"][:_MOVES_SHOWN]:
        table.add_row(move["before"], move["after"], f"{move['leads']:,}")
    if more := preview["moves"][_MOVES_SHOWN:]:
        table.add_row("others", "", f"{sum(move['leads'] for move in more):,}")
    console.print(table)


@app.command("list")
@_reports_errors
def list_versions(token: Token = None) -> None:
    """Every version, the one in force first."""
    table = Table(box=None)
    for title in ("version", "name", "published", "by"):
        table.add_column(title, no_wrap=True)
    table.add_column("leads scored again")
    with _api(token) as api:
        for each in api.pages("/v1/rules"):
            done = each.get("rescored_at") is not None
            table.add_row(
                f"{each['version']}{' (in force)' if each['in_force'] else ''}",
                each["name"],
                _when(each["published_at"]),
                each["published_by"],
                f"{each['rescored_leads']:,} ({each['changed_grades']:,} grades changed)"
                if done
                else "under way",
            )
    Console().print(table)


@app.command()
@_reports_errors
def diff(
    before: Annotated[str, typer.Argument(help="A rule file or a published version's number.")],
    after: Annotated[str, typer.Argument(help="The same.")],
    token: Token = None,
) -> None:
    """Show what differs between two rule sets; exit code 1 if anything does."""
    found = differences(_rules(before, token), _rules(after, token))
    console = Console()
    if not found:
        console.print(f"{before} and {after} mean the same.", highlight=False)
        return
    table = Table("where", before, after, box=None)
    for each in found:
        old, new = (escape(side or "–") for side in (each.before, each.after))
        table.add_row(each.where, f"[red]{old}[/]", f"[green]{new}[/]")
    console.print(table)
    raise typer.Exit(FAILED)


def _rules(name: str, token: str | None) -> RuleSet:
    """A rule set by its file or, where no file has that name, by its version."""
    path = Path(name)
    if path.is_file():
        try:
            return check(text_of(path))
        except InvalidFileError as error:
            raise ApiError(f"{name}:\n{error}") from None
    if not name.isdecimal():
        raise ApiError(f"{name} is neither a file nor the number of a version")
    with _api(token) as api:
        return published(api.get(f"/v1/rules/{name}")["document"])


def _api(token: str | None) -> Api:
    return Api(load(LeadScoringApi), SCOPES, token)


def _when(text: str) -> str:
    return f"{datetime.fromisoformat(text).astimezone():%Y-%m-%d %H:%M}"
