"""``python -m examples.bpi2012.tune FILE``: how the rules do on the applications registered first.

It never looks at the last 30 %, so it can be run after each change of ``rules.yaml``.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kakehashi_common.cloudevents.codec import event_key
from kakehashi_common.terminal import Console
from lead_scoring.domain.decision import lead_as_of
from lead_scoring.domain.lead import Fact, Lead
from lead_scoring.domain.scoring import CompiledRules
from lead_scoring.importer.mapping import RowMapping
from lead_scoring.importer.mapping_file import read_mapping
from lead_scoring.importer.row import Rejection, Row
from lead_scoring.importer.row_reader import RowReader
from lead_scoring.replay.evaluation import Judged, judge, split_by_registration, verdict
from lead_scoring.rules.file import check
from lead_scoring.rules.municipality_fields import municipality_fields
from lead_scoring.scoring.event_mapping import fact_of

HERE = Path(__file__).parent
FIRST_SHARE = 0.7
AFTER = timedelta(hours=72)


def histories(path: Path) -> dict[str, list[Fact]]:
    """Every lead's facts, straight from the file.

    Raises:
        typer.BadParameter: a line was rejected.
    """
    document = read_mapping((HERE / "mapping.yaml").read_text(encoding="utf-8"))
    mapping = RowMapping(document, datetime.now(UTC))
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    with RowReader(path, document) as reader:
        for row in reader.rows():
            events = mapping.events(row) if isinstance(row, Row) else row
            if isinstance(events, Rejection):
                raise typer.BadParameter(f"line {events.line}: {events.reason}")
            for event in events:
                key = event_key(event.source, event.event_id)
                found[event.data.lead_id].append(fact_of(event, key))
    return dict(found)


def main(file: Annotated[Path, typer.Argument(help="The BPI 2012 stream.")]) -> None:
    """Print the verdict on the first 70 %, and what each signal is worth there."""
    console = Console()
    rules = CompiledRules(
        check((HERE / "rules.yaml").read_text(encoding="utf-8")), 1, municipality_fields
    )
    first, _ = split_by_registration(histories(file), FIRST_SHARE)
    judged = judge(first, rules, AFTER).judged
    found = verdict(judged)
    console.print(f"{found.leads:,} open leads of the first 70 %, {found.won:,} won later")
    for name, area in (
        ("list", found.by_place),
        ("sum", found.by_points),
        ("fit", found.by_fit),
        ("engagement", found.by_engagement),
    ):
        console.print(f"AUC by {name:10} {area.value:.3f}  [{area.low:.3f}, {area.high:.3f}]")
    table = Table("grade", "leads", "won later")
    for grade, result in found.grades.items():
        table.add_row(grade, f"{result.leads:,}", f"{result.share:.1%}")
    console.print(table)
    for pair in found.misorders:
        console.print(f"out of order: {pair.worse} above {pair.better} by {pair.difference:.1%}")
    console.print(_signals(first, judged))


def _signals(first: Mapping[str, Sequence[Fact]], judged: Sequence[Judged]) -> Table:
    """Each signal by itself: how many open leads gave it by then, and how they ended."""
    leads = {
        lead.lead_id: lead_as_of(lead.lead_id, first[lead.lead_id], lead.registered_at + AFTER)
        for lead in judged
    }
    names = sorted({signal for lead in leads.values() for signal in lead.activity.counts()})
    table = Table("signal", "leads", "won", "won without it")
    for name in names:
        inside = _ends(judged, leads, name, gave=True)
        outside = _ends(judged, leads, name, gave=False)
        table.add_row(name, f"{len(inside):,}", _share(inside), _share(outside))
    return table


def _ends(
    judged: Sequence[Judged], leads: Mapping[str, Lead], signal: str, *, gave: bool
) -> list[bool]:
    return [
        lead.won for lead in judged if (signal in leads[lead.lead_id].activity.counts()) == gave
    ]


def _share(ends: Sequence[bool]) -> str:
    return f"{sum(ends) / len(ends):.1%}" if ends else "–"


if __name__ == "__main__":
    typer.run(main)
