"""After an import the service's database says which lines count, and which are in conflict."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from kakehashi_common.cloudevents.codec import EventDecoder, Outgoing
from kakehashi_common.contracts.topics import LEAD_EVENTS
from lead_scoring.importer.event_check import Checked, check_events
from lead_scoring.importer.mapping import RowMapping
from lead_scoring.importer.mapping_file import read_mapping
from lead_scoring.importer.rejections import RejectionSummary
from lead_scoring.importer.row_reader import RowReader
from lead_scoring.importer.rows import import_rows
from tests.support import kafka
from tests.support.lead_scoring_api import NOW, Service

MAPPING = """\
format: csv
source: https://crm.example
id: "{id}"
lead_id: "crm-{id}"
time: {column: changed, timezone: Asia/Tokyo}
rules:
  - name: person
    event: profile_changed
    data: {department: {column: department}}
"""
SNAPSHOT = MAPPING.replace("rules:", "snapshot: true\nrules:")
BY_EXPORT = SNAPSHOT.replace("{column: changed, timezone: Asia/Tokyo}", "export")


async def score(service: Service, records: Sequence[Any]) -> None:
    """Take in records as the consumer does."""
    decoder = EventDecoder(LEAD_EVENTS.models)
    now = datetime.now(UTC)
    batch = [
        decoder.decode(cast("Any", SimpleNamespace(headers=each.headers, value=each.value)), now)
        for each in records
    ]
    if batch:
        await service.scoring.score_batch(batch)


def _end(ends: Mapping[TopicPartition, int], record: Any) -> int:
    return ends[TopicPartition(record.topic, record.partition)]


@dataclass
class Weekly:
    """An export of the same records, week after week, into one service."""

    service: Service
    path: Path
    lost: int = 0
    """Events at the end of each import that the consumer never sees."""

    async def imported(
        self, mapping_text: str, *records: str, exported_at: datetime = NOW
    ) -> tuple[Checked, list[tuple[int, str]]]:
        """Import a file and ask what came of it: the numbers, and lines with their kinds."""
        self.path.write_text("\n".join(["id,changed,department", *records, ""]), encoding="utf-8")
        mapping = RowMapping(read_mapping(mapping_text), NOW, exported_at)
        with RowReader(self.path, read_mapping(mapping_text)) as reader:
            await import_rows(
                reader,
                mapping,
                self._consumed,
                sinks=[],
                checkpoint=None,
                max_rejected=0,
                on_progress=lambda _: None,
            )
        summary = RejectionSummary()
        with RowReader(self.path, read_mapping(mapping_text)) as reader:
            checked = await check_events(
                reader,
                mapping,
                self.service.database,
                skipped=0,
                patience=timedelta(),
                sinks=[summary],
                on_progress=lambda _: None,
            )
        examples = [each for group in summary.groups.values() for each in group.examples]
        return checked, [(each.line, each.kind) for each in examples]

    async def command(self, mapping_text: str, *records: str) -> tuple[int, str]:
        """Import as the command does, beside a consumer; exit code and what it says."""
        self.path.write_text("\n".join(["id,changed,department", *records, ""]), encoding="utf-8")
        mapping = self.path.with_name("mapping.yaml")
        mapping.write_text(mapping_text, encoding="utf-8")
        # Other tests have published here, of another time.
        ends = await self.service.broker.ends(self.service.events_topic)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "lead_scoring.cli", "import", self.path.name,
            "--mapping", mapping.name, "--max-rejected", "0",
            cwd=self.path.parent,
            env={
                **os.environ,
                "LEAD_SCORING_KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap_servers(),
                "LEAD_SCORING_TOPIC_PREFIX": self.service.settings.topic_prefix,
                "LEAD_SCORING_DATABASE__URL": str(self.service.database.settings.url),
                "COLUMNS": "100",
            },
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        ended = asyncio.create_task(process.communicate())
        while not ended.done():
            found = await self.service.broker.read(self.service.events_topic)
            await score(self.service, [each for each in found if each.offset >= _end(ends, each)])
            await asyncio.wait([ended], timeout=0.2)
        _, said = await ended
        return process.returncode or 0, said.decode()

    async def _consumed(self, events: Sequence[Outgoing]) -> None:
        await score(self.service, events[: len(events) - self.lost])

    async def departments(self) -> dict[str, str]:
        rows = await self.service.fetch("select lead_id, department from lead_profile")
        return {row["lead_id"]: row["department"] for row in rows}


@pytest.fixture
def weekly(service: Service, tmp_path: Path) -> Weekly:
    return Weekly(service, tmp_path / "contacts.csv")


MONDAY = ("1,2026-11-02,総務課", "2,2026-11-02,財政課")


async def test_what_is_sent_again_is_counted_and_no_conflict(weekly: Weekly) -> None:
    for _ in range(2):
        checked, lines = await weekly.imported(MAPPING, *MONDAY)
        assert (checked.counted, checked.conflicts, checked.missing, lines) == (2, 0, 0, [])


async def test_a_changed_record_is_a_conflict_with_its_line(weekly: Weekly) -> None:
    await weekly.imported(MAPPING, *MONDAY)
    checked, lines = await weekly.imported(MAPPING, MONDAY[0], "2,2026-11-09,情報政策課")
    assert (checked.counted, checked.conflicts) == (1, 1)
    assert lines == [(3, "conflict")]


async def test_in_a_snapshot_a_changed_record_counts(weekly: Weekly) -> None:
    await weekly.imported(SNAPSHOT, *MONDAY)
    checked, lines = await weekly.imported(SNAPSHOT, MONDAY[0], "2,2026-11-09,情報政策課")
    assert (checked.counted, checked.conflicts, lines) == (2, 0, [])
    assert await weekly.departments() == {"crm-1": "総務課", "crm-2": "情報政策課"}
    assert len(await weekly.service.fetch("select 1 from event_log")) == 3


async def test_in_a_snapshot_an_edited_mapping_is_a_conflict_until_it_dates_by_the_export(
    weekly: Weekly,
) -> None:
    await weekly.imported(SNAPSHOT, *MONDAY)
    edited = "{template: '部署 {department}'}"
    _, lines = await weekly.imported(SNAPSHOT.replace("{column: department}", edited), *MONDAY)
    assert lines == [(2, "conflict"), (3, "conflict")]
    checked, lines = await weekly.imported(
        BY_EXPORT.replace("{column: department}", edited), *MONDAY
    )
    assert (checked.counted, lines) == (2, [])
    assert (await weekly.departments())["crm-1"] == "部署 総務課"


async def test_what_is_dated_by_the_export_counts_each_week_and_the_last_week_wins(
    weekly: Weekly,
) -> None:
    for weeks_ago, department in ((2, "総務課"), (1, "財政課"), (0, "総務課")):
        exported_at = NOW - timedelta(weeks=weeks_ago)
        checked, lines = await weekly.imported(
            BY_EXPORT, f"1,,{department}", exported_at=exported_at
        )
        assert (checked.counted, lines) == (1, [])
        assert (await weekly.departments())["crm-1"] == department


async def test_two_lines_with_one_id_are_a_conflict_of_the_second(weekly: Weekly) -> None:
    checked, lines = await weekly.imported(MAPPING, MONDAY[0], "1,2026-11-02,財政課")
    assert (checked.counted, lines) == (1, [(3, "conflict")])


async def test_an_event_of_another_lead_with_the_same_id_is_a_conflict(weekly: Weekly) -> None:
    await weekly.imported(MAPPING, *MONDAY)
    moved = MAPPING.replace("crm-{id}", "sf-{id}")
    checked, _ = await weekly.imported(moved, *MONDAY)
    assert (checked.counted, checked.conflicts) == (0, 2)


async def test_what_the_consumer_has_not_seen_is_said(weekly: Weekly) -> None:
    weekly.lost = 1
    checked, lines = await weekly.imported(MAPPING, *MONDAY)
    assert (checked.counted, checked.missing, lines) == (1, 1, [])


async def test_the_command_waits_for_the_consumer_and_lists_lines_in_conflict(
    weekly: Weekly,
) -> None:
    code, said = await weekly.command(MAPPING, *MONDAY)
    assert (code, "2  events taken in by the service" in said) == (0, True), said
    changed = (MONDAY[0], "2,2026-11-09,情報政策課")
    for _ in range(2):  # the second time it knows from the checkpoint
        code, said = await weekly.command(MAPPING, *changed)
        assert (code, "1  lines in conflict" in said) == (1, True), said
        assert "`snapshot: true` in the mapping" in said
    assert (await weekly.command(SNAPSHOT, *changed))[0] == 0
    assert (await weekly.departments())["crm-2"] == "情報政策課"
