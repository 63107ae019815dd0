"""Prints a replay's result."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.table import Table

from kakehashi_common.clock import TOKYO
from kakehashi_common.terminal import Console
from lead_scoring.domain.rules import GRADES
from lead_scoring.importer.rejections import RejectionSummary
from lead_scoring.importer.screen import show_rejections
from lead_scoring.importer.totals import Totals
from lead_scoring.replay.evaluation import Judging, Verdict
from lead_scoring.replay.lift import Estimate, GradeResult, Misorder, misorders, share

_BAR = 20
"""Characters of a bar that stands for 100 %."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The passage of a file through the broker."""

    file: str
    totals: Totals
    rejected: RejectionSummary
    publishing: timedelta
    """From the first line read to the last acknowledgement."""
    scoring: timedelta
    """From the first line read to the last score published."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The scores compared with the leads' outcomes."""

    after: timedelta
    tuned_on: int
    """Leads registered first, on which the rules were tuned."""
    since: datetime | None
    """When the first of the others registered; ``None`` if there are none."""
    judging: Judging
    """The others."""
    verdict: Verdict | None
    """``None`` where too few were won, or too few were not."""


def show_passage(console: Console, passage: Passage, *, leads: int, same: int) -> None:
    """Print what went through, how fast, and whether the log gives the same scores."""
    totals, seconds = passage.totals, passage.scoring.total_seconds()
    console.rule(f"[bold]{passage.file}", align="left")
    table = Table(box=None, show_header=False, padding=(0, 1))
    table.add_column(justify="right", style="bold")
    table.add_column()
    table.add_row(f"{totals.rows:,}", "records read")
    table.add_row(f"{totals.events:,}", f"events of {leads:,} leads, in their own time")
    if totals.unmatched:
        table.add_row(f"{totals.unmatched:,}", "lines that no rule of the mapping names")
    table.add_row(f"{totals.rejected:,}", "lines rejected")
    rate = totals.events / passage.publishing.total_seconds()
    table.add_row(f"{rate:,.0f}/s", f"published: {passage.publishing.total_seconds():.1f} s")
    table.add_row(
        f"{totals.events / seconds:,.0f}/s",
        f"from the file through Kafka and PostgreSQL to the last published score: {seconds:.1f} s",
    )
    verdict = "[green]equal[/]" if same == leads else "[red]equal[/]"
    table.add_row(
        f"{same:,}", f"of {leads:,} stored scores are {verdict} to what the event log gives"
    )
    console.print(table)
    show_rejections(console, passage.rejected)


def show_judgement(console: Console, judgement: Judgement) -> None:
    """Print how well the scores predicted the leads that were won, and which leads say nothing."""
    console.print()
    hours = judgement.after / timedelta(hours=1)
    console.rule(f"[bold]Scored {hours:.0f} hours after registration", align="left")
    console.print(_which_leads(judgement), highlight=False)
    found = judgement.verdict
    if found is None:
        console.print("Too few leads were open and later won or lost to judge the scores.")
        return
    console.print(
        f"{found.won:,} of the {found.leads:,} ({found.won / found.leads:.1%}) were won in the"
        " end.",
        highlight=False,
    )
    console.print(_grades(found.grades))
    console.print(_margins("by fit", found.grades, lambda grade: grade[0]))
    console.print(_margins("by engagement", found.grades, lambda grade: grade[1]))
    _show_areas(console, found)
    _show_best(console, found.grades)
    _show_order(console, found)


def _which_leads(judgement: Judgement) -> str:
    """Say of every lead whether it counts, and why not."""
    judging, hours = judgement.judging, judgement.after / timedelta(hours=1)
    leads = judging.ended_before + judging.still_open
    since = (
        f" since {judgement.since.astimezone(TOKYO):%Y-%m-%d}" if judgement.since else " after them"
    )
    said = (
        f"The rules were tuned on the first {judgement.tuned_on:,} leads. Of the {leads:,}"
        f" registered{since}, {judging.ended_before:,} had ended {hours:.0f} hours later and"
        f" {judging.still_open:,} were still open."
    )
    if judging.undecided:
        said += (
            f" {judging.undecided:,} of these have no outcome in the file and are left out;"
            f" {len(judging.judged):,} are judged."
        )
    return said


def _grades(grades: Mapping[str, GradeResult]) -> Table:
    table = Table("grade", box=None, padding=(0, 1))
    table.add_column("leads", justify="right")
    table.add_column("won later", justify="right")
    table.add_column("")
    table.add_column("95 % interval", justify="right")
    for grade, result in grades.items():
        table.add_row(grade, *_share_cells(result))
    return table


def _share_cells(result: GradeResult) -> tuple[str, str, str, str]:
    estimate = share(result.won, result.leads)
    bar = "█" * round(result.share * _BAR)
    return (
        f"{result.leads:,}",
        f"{estimate.value:.1%}",
        f"[cyan]{bar:{_BAR}}[/]",
        f"{estimate.low:.1%} – {estimate.high:.1%}",
    )


def _margins(title: str, grades: Mapping[str, GradeResult], part: Callable[[str], str]) -> str:
    shares = (
        f"{letter} {result.share:.1%} of {result.leads:,}"
        for letter, result in sorted(merged(grades, part).items())
    )
    return f"  {title:14} {'   '.join(shares)}"


def merged(grades: Mapping[str, GradeResult], part: Callable[[str], str]) -> dict[str, GradeResult]:
    """The grades that have the same letter, or the same figure, taken together."""
    sums: dict[str, GradeResult] = {}
    for grade, result in grades.items():
        before = sums.get(part(grade), GradeResult(0, 0))
        sums[part(grade)] = GradeResult(before.leads + result.leads, before.won + result.won)
    return dict(sorted(sums.items()))


def _show_areas(console: Console, found: Verdict) -> None:
    console.print()
    console.print(
        f"AUC [bold]{_interval(found.by_place)}[/] of the list as a seller sees it:"
        " by grade, then fit and engagement together",
        highlight=False,
    )
    for name, area in (
        ("fit and engagement together, without grades", found.by_points),
        ("fit only", found.by_fit),
        ("engagement only", found.by_engagement),
    ):
        console.print(f"    {_interval(area)} by {name}", highlight=False)
    console.print("    95 % intervals by DeLong; 0.5 is chance", style="dim", highlight=False)


def _interval(area: Estimate) -> str:
    return f"{area.value:.3f} [{area.low:.3f}, {area.high:.3f}]".replace("[", r"\[")


def _show_best(console: Console, grades: Mapping[str, GradeResult]) -> None:
    """Say whether the best grade is the best: sellers call A1 first."""
    best, next_best = GRADES[:2]
    if best not in grades or next_best not in grades:
        return
    console.print()
    shares = f"{best} won {grades[best].share:.1%}, {next_best} {grades[next_best].share:.1%}"
    wrong = next(
        (pair for pair in misorders(grades) if (pair.better, pair.worse) == (best, next_best)), None
    )
    if wrong is None:
        console.print(f"{shares}: the best grade is the best.", highlight=False)
        return
    chance = "beyond chance" if wrong.beyond_chance else "within chance"
    console.print(
        f"[yellow]{shares}: the best grade is not the best[/] ({chance}). What raises engagement"
        f" from {next_best[1]} to {best[1]} does not predict who is won;"
        " see its rules and threshold.",
        highlight=False,
    )


def _show_order(console: Console, found: Verdict) -> None:
    console.print()
    for title, part in (("Fit", lambda g: g[0]), ("Engagement", lambda g: g[1])):
        wrong = misorders(merged(found.grades, part))
        said = "in order" if not wrong else "not in order: " + "; ".join(map(_pair, wrong))
        console.print(f"{title} grades, taken together, are {said}.", highlight=False)
    if not found.misorders:
        console.print("The single grades are in order.", highlight=False)
        return
    real = sum(pair.beyond_chance for pair in found.misorders)
    console.print(
        f"Of the single grades, {len(found.misorders)} pairs are out of order,"
        f" {real or 'none'} of them beyond chance:",
        highlight=False,
    )
    for pair in found.misorders:
        console.print(f"    {_pair(pair)}", highlight=False)


def _pair(pair: Misorder) -> str:
    chance = "" if pair.beyond_chance else ", within chance"
    return f"{pair.worse} won {pair.difference * 100:.1f} points more than {pair.better}{chance}"
