"""Prints the demo's result."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from rich.markup import escape
from rich.table import Table

from kakehashi_common.dead_letters.reader import StoredLetter
from kakehashi_common.http.client import Api
from kakehashi_common.terminal import Console
from lead_scoring.domain.rules import ENGAGEMENT_GRADES, FIT_GRADES
from lead_scoring.examples.tally import Tally

TOP_LEADS: Final = 5
REASONS: Final = 3
"""Lines of an explanation shown per lead, the strongest first."""

_BAR: Final = 24


@dataclass(frozen=True, slots=True)
class Sent:
    """The events that the demo sent."""

    over_http: int
    to_kafka: int
    broken: int

    @property
    def total(self) -> int:
        """Everything that should be scored, known again, or explained as a dead letter."""
        return self.over_http + self.to_kafka + self.broken


def show(
    console: Console,
    api: Api,
    sent: Sent,
    added: Tally,
    letters: Sequence[StoredLetter],
    took: timedelta,
) -> None:
    """Print what came in and what became of it, the grades, and the first leads with reasons."""
    leads = list(api.pages("/v1/leads", limit=200))
    _show_leads(console, api, leads[:TOP_LEADS])
    _show_grades(console, leads)
    _show_events(console, sent, added, took)
    _show_letters(console, letters)


def _show_leads(console: Console, api: Api, leads: Iterable[dict[str, Any]]) -> None:
    console.print()
    console.rule("[bold]The first leads, and why", align="left")
    for lead in leads:
        detail = api.get(f"/v1/leads/{quote(lead['lead_id'], safe='')}")
        place = detail["municipality"]
        where = f"{place['prefecture']}{place['name']}" if place else "municipality unknown"
        console.print(
            f"\n[bold green]{lead['grade']}[/]  [bold]{where}[/] {detail['department'] or ''}"
            f"  {detail['role'] or ''}  fit [bold]{lead['fit']:.1f}[/]"
            f"  engagement [bold]{lead['engagement']:.1f}[/]  [dim]{lead['lead_id']}[/]",
            highlight=False,
        )
        console.print(_reasons(detail["contributions"]))


def _reasons(lines: Sequence[dict[str, Any]]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
    table.add_column(justify="right", min_width=7)
    table.add_column(style="dim", min_width=14, no_wrap=True)
    table.add_column(min_width=26)
    table.add_column(style="dim", overflow="fold")
    for dimension in ("engagement", "fit"):
        own = [line for line in lines if line["dimension"] == dimension]
        rules = [line for line in own if line["kind"] == "rule"]
        rules.sort(key=lambda line: -line["points"])
        for line in rules[:REASONS]:
            count, label = line.get("count"), line["label"]
            often = f"{line['last_on']} ×{count}" if count else ""
            table.add_row(f"{line['points']:+.1f}", often, label["ja"], label["en"])
        if others := rules[REASONS:]:
            rest = sum(line["points"] for line in others)
            more = f"{len(others)} more of {dimension}"
            table.add_row(f"{rest:+.1f}", "", f"ほか{len(others)}件", more)
        if corrected := sum(line["points"] for line in own if line["kind"] != "rule"):
            table.add_row(f"{corrected:+.1f}", "", "上限による調整", f"caps on {dimension}")
    return table


def _show_grades(console: Console, leads: Sequence[dict[str, Any]]) -> None:
    counts = Counter(lead["grade"] for lead in leads)
    console.print()
    console.rule(f"[bold]Grades of all {len(leads):,} leads", align="left")
    table = Table("", box=None, padding=(0, 2))
    for figure, meaning in zip(ENGAGEMENT_GRADES, ("engaged", "interested", "quiet"), strict=True):
        table.add_column(f"{figure} {meaning}", justify="right")
    table.add_column("")
    for letter, meaning in zip(FIT_GRADES, ("fits well", "fits", "fits little"), strict=True):
        row = [counts[letter + figure] for figure in ENGAGEMENT_GRADES]
        bar = "█" * round(sum(row) / max(1, len(leads)) * _BAR)
        table.add_row(f"{letter} {meaning}", *(f"{count:,}" for count in row), f"[cyan]{bar}[/]")
    console.print(table)


def _show_events(console: Console, sent: Sent, added: Tally, took: timedelta) -> None:
    console.print()
    console.rule("[bold]What came in, and what became of it", align="left")
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(justify="right", style="bold")
    table.add_column()
    rate = sent.total / took.total_seconds()
    table.add_row(
        f"{sent.total:,}",
        f"records in {took.total_seconds():.1f} s ({rate:,.0f}/s): {sent.over_http:,} over HTTP,"
        f" {sent.to_kafka + sent.broken:,} straight to Kafka ({sent.broken:,} of these broken"
        " on purpose)",
    )
    table.add_row(f"{added.scored:,}", "new events scored")
    if added.unscored:
        table.add_row(f"{added.unscored:,}", "  of them of a kind that no rule gives points")
    table.add_row(f"{added.duplicates:,}", "duplicates: known already, changed nothing")
    table.add_row(f"{added.conflicts:,}", "conflicts: a known id with other content, ignored")
    table.add_row(f"{added.dead_letters:,}", "dead letters")
    table.add_row(f"{added.scores_changed:,}", "scores published on lead-scores-v1")
    table.add_row(f"{added.qualified:,}", "leads qualified on lead-qualified-v1")
    console.print(table)
    known = added.scored + added.duplicates + added.conflicts + added.dead_letters
    if known == sent.total:
        console.print(f"[green]All {sent.total:,} records are accounted for.[/]", highlight=False)
    else:
        console.print(
            f"[yellow]{known:,} of {sent.total:,} records are accounted for:"
            " something else published at the same time, or the consumer was restarted.[/]",
            highlight=False,
        )
    if not added.scored:
        console.print(
            "Today's events had been sent before: all of them were duplicates this time, and no"
            " score changed. `make reset demo` starts from nothing.",
            highlight=False,
        )


def _show_letters(console: Console, letters: Sequence[StoredLetter]) -> None:
    if not letters:
        return
    by_class: defaultdict[str, list[StoredLetter]] = defaultdict(list)
    for letter in letters:
        by_class[letter.error_class].append(letter)
    console.print()
    console.rule("[bold]Dead letters, with the first reason of each kind", align="left")
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(justify="right", style="bold")
    table.add_column(style="red")
    table.add_column(overflow="fold")
    for name, found in sorted(by_class.items(), key=lambda each: -len(each[1])):
        table.add_row(str(len(found)), name, escape(found[0].reason))
    console.print(table)
