"""Imports publish each row once, go on where acks ended, and report what they left out."""

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kakehashi_common.cloudevents.codec import Outgoing
from lead_scoring.importer.checkpoint import Checkpoint
from lead_scoring.importer.mapping import RowMapping
from lead_scoring.importer.mapping_file import read_mapping
from lead_scoring.importer.rejections import RejectionReport, RejectionSummary
from lead_scoring.importer.row_reader import RowReader
from lead_scoring.importer.rows import Progress, TooManyRejectedError, import_rows
from lead_scoring.importer.totals import Totals

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MAPPING = """\
format: csv
source: https://crm.example
lead_id: "crm-{id}"
time: {column: at, timezone: Asia/Tokyo}
rules:
  - name: view
    when: {what: view}
    event: activity_recorded
    data: {kind: page_viewed}
"""


class Broker:
    """Takes events, and loses its connection after ``fails_after`` calls."""

    def __init__(self, fails_after: int | None = None) -> None:
        self.events: list[Outgoing] = []
        self._left = fails_after

    async def publish(self, events: Sequence[Outgoing]) -> None:
        if self._left == 0:
            raise ConnectionError
        if self._left is not None:
            self._left -= 1
        self.events.extend(events)

    def ids(self) -> list[str]:
        return [dict(event.headers)["ce_id"].decode() for event in self.events]


class Import:
    """One file to import, as often as a test likes."""

    def __init__(self, folder: Path, rows: int, bad: Sequence[int] = ()) -> None:
        self.path = folder / "leads.csv"
        self.report = folder / "rejected.ndjson"
        self.checkpoint = Checkpoint(folder / "checkpoint", self.path, MAPPING, "kafka/topic")
        self.progress: list[Progress] = []
        self.path.write_text("id,at,what\n", encoding="utf-8")
        self.add(rows, bad)

    def add(self, rows: int, bad: Sequence[int] = ()) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            for row in range(rows):
                file.write(f"{row},{'' if row in bad else '2026-06-01'},view\n")

    async def run(self, broker: Broker, *, max_rejected: int = 100) -> Totals:
        done = self.checkpoint.load()
        with (
            RowReader(self.path, read_mapping(MAPPING)) as reader,
            RejectionReport(self.report, done.report_bytes if done else 0) as report,
        ):
            return await import_rows(
                reader,
                RowMapping(read_mapping(MAPPING), NOW),
                broker.publish,
                sinks=[report],
                checkpoint=self.checkpoint,
                max_rejected=max_rejected,
                on_progress=self.progress.append,
            )

    def reported(self) -> list[int]:
        lines = self.report.read_text(encoding="utf-8").splitlines()
        return [json.loads(line)["line"] for line in lines]


async def test_a_file_is_imported_and_counted(tmp_path: Path) -> None:
    file, broker = Import(tmp_path, rows=2_500, bad=[7, 1_900]), Broker()
    assert await file.run(broker) == Totals(rows=2_500, events=2_498, unmatched=0, rejected=2)
    assert len(set(broker.ids())) == 2_498
    assert file.reported() == [9, 1_902]
    assert [step.totals.rows for step in file.progress] == [1_000, 2_000, 2_500]
    assert file.progress[-1].bytes_read == file.progress[-1].total_bytes


async def test_a_broken_import_goes_on_where_acknowledgements_ended(tmp_path: Path) -> None:
    file, broker = Import(tmp_path, rows=5_000, bad=[5, 2_100, 4_990]), Broker(fails_after=2)
    with pytest.raises(ConnectionError):
        await file.run(broker)
    rest = Broker()
    assert await file.run(rest) == Totals(rows=5_000, events=4_997, unmatched=0, rejected=3)
    assert len(rest.events) == 2_998
    assert len(set(broker.ids() + rest.ids())) == 4_997
    assert file.reported() == [7, 2_102, 4_992]
    assert file.progress[-1].resumed_rows == 2_000


async def test_a_lost_checkpoint_repeats_the_same_ids(tmp_path: Path) -> None:
    file, first, second = Import(tmp_path, rows=1_500), Broker(), Broker()
    await file.run(first)
    file.checkpoint.path.unlink()
    await file.run(second)
    assert first.ids() == second.ids()


async def test_a_finished_import_has_nothing_left_and_takes_appended_rows(tmp_path: Path) -> None:
    file, again, more = Import(tmp_path, rows=10), Broker(), Broker()
    await file.run(Broker())
    await file.run(again)
    file.add(3)
    totals = await file.run(more)
    assert (len(again.events), len(more.events), totals.events) == (0, 3, 13)


@pytest.mark.parametrize("what", ["mapping", "target", "file", "end", "damaged checkpoint"])
async def test_a_checkpoint_of_something_else_does_not_count(tmp_path: Path, what: str) -> None:
    file = Import(tmp_path, rows=10_000)
    await file.run(Broker())
    place = file.checkpoint
    match what:
        case "mapping":
            other = Checkpoint(place.path, place.imported, MAPPING + "# changed", place.target)
        case "target":
            other = Checkpoint(place.path, place.imported, MAPPING, "elsewhere/topic")
        case "file":
            place.imported.write_text("id,at,what\n99,2026-06-01,view\n", encoding="utf-8")
            other = place
        case "end":
            text = place.imported.read_text(encoding="utf-8")
            place.imported.write_text(text.removesuffix("view\n") + "seen\n", encoding="utf-8")
            other = place
        case _:
            place.path.write_text('{"rows": 3', encoding="utf-8")
            other = place
    assert place.load() is None or other is not place
    assert other.load() is None


async def test_too_many_rejected_lines_stop_the_import(tmp_path: Path) -> None:
    file = Import(tmp_path, rows=5_000, bad=range(1_000, 1_200))
    with pytest.raises(TooManyRejectedError) as caught:
        await file.run(Broker(), max_rejected=100)
    assert caught.value.totals == Totals(rows=2_000, events=1_800, unmatched=0, rejected=200)


async def test_a_report_may_be_csv(tmp_path: Path) -> None:
    file = Import(tmp_path, rows=10, bad=[3])
    file.report = tmp_path / "rejected.csv"
    await file.run(Broker())
    with file.report.open(encoding="utf-8", newline="") as report:
        assert list(csv.reader(report)) == [
            ["line", "column", "reason", "kind", "last_line"],
            ["5", "at", "at is empty; an event needs its time", "empty", ""],
        ]


async def test_the_summary_groups_by_kind_with_examples_and_stays_small(tmp_path: Path) -> None:
    file, summary = Import(tmp_path, rows=10, bad=[3, 4]), RejectionSummary(limit=2)
    with file.path.open("a", encoding="utf-8") as extra:
        for time in ("soon", "soon", "later", "never", "at some time"):
            extra.write(f"11,{time},view\n")
        extra.write("12\n")
    with RowReader(file.path, read_mapping(MAPPING)) as reader:
        await import_rows(
            reader,
            RowMapping(read_mapping(MAPPING), NOW),
            Broker().publish,
            sinks=[summary],
            checkpoint=None,
            max_rejected=10,
            on_progress=file.progress.append,
        )
    found = {
        key: (group.lines, [(each.line, each.reason) for each in group.examples])
        for key, group in summary.groups.items()
    }
    assert found == {
        ("at", "empty"): (2, [(5, "at is empty; an event needs its time")]),
        ("at", "not_a_time"): (
            5,
            [
                (12, "'soon' is no time in the format iso8601"),
                (14, "'later' is no time in the format iso8601"),
                (15, "'never' is no time in the format iso8601"),
            ],
        ),
    }
    assert summary.others == 1


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ('"1\n2",2026-06-01,view', "lead_id: String should match pattern"),
        ("1,2026-06-01,\x1b[31mview", "holds U+001B, a character that no text may hold"),
    ],
)
async def test_what_the_consumer_would_refuse_is_rejected_before_it_is_sent(
    tmp_path: Path, cells: str, reason: str
) -> None:
    file, broker, summary = Import(tmp_path, rows=1), Broker(), RejectionSummary()
    with file.path.open("a", encoding="utf-8") as extra:
        extra.write(cells + "\n")
    document = read_mapping(
        MAPPING.replace("    when: {what: view}\n", "").replace(
            "page_viewed}", "page_viewed, details.what: {column: what}}"
        )
    )
    with RowReader(file.path, document) as reader:
        totals = await import_rows(
            reader,
            RowMapping(document, NOW),
            broker.publish,
            sinks=[summary],
            checkpoint=None,
            max_rejected=10,
            on_progress=file.progress.append,
        )
    [group] = summary.groups.values()
    assert (len(broker.events), totals.rejected) == (1, group.lines)
    assert reason in group.examples[0].reason
