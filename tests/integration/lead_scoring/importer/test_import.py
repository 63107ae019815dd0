"""``lead-scoring import`` against a real broker, killed in the middle."""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from kakehashi_common.contracts.topics import LEAD_EVENTS
from kakehashi_common.kafka import topics
from tests.support import kafka
from tests.support.waiting import eventually

ROWS = 30_000

MAPPING = """\
format: ndjson
source: https://crm.example
id: "{number}"
lead_id: "crm-{lead}"
time: {column: at}
rules:
  - name: view
    event: activity_recorded
    data: {kind: "{kind}"}
"""


@dataclass
class Import:
    """An import of one file to a topic of its own, as a process."""

    folder: Path
    prefix: str
    broker: kafka.TestBroker

    @property
    def checkpoint(self) -> Path:
        return self.folder / "leads.ndjson.import.json"

    def write(self, rows: int) -> None:
        (self.folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
        with (self.folder / "leads.ndjson").open("w", encoding="utf-8") as file:
            for number in range(rows):
                row = {"number": number, "lead": number % 97, "kind": "page_viewed"}
                row["at"] = "soon" if number == 7 else "2026-06-01T09:00:00+09:00"
                file.write(json.dumps(row) + "\n")

    async def start(self, *options: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "lead_scoring.cli", "import", "leads.ndjson",
            "--mapping", "mapping.yaml", "--report", "rejected.ndjson", *options,
            cwd=self.folder,
            env={
                **os.environ,
                "LEAD_SCORING_KAFKA__BOOTSTRAP_SERVERS": kafka.bootstrap_servers(),
                "LEAD_SCORING_TOPIC_PREFIX": self.prefix,
            },
            stderr=asyncio.subprocess.PIPE,
            # A shell starts what it puts in the background deaf to SIGINT, and that is inherited.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
        )  # fmt: skip

    async def has_acknowledged(self, rows: int) -> None:
        """Wait until that many rows are on the broker."""
        await eventually(lambda: self.acknowledged() >= rows, what=f"{rows} rows acknowledged")

    def acknowledged(self) -> int:
        """Rows that the checkpoint knows of."""
        if not self.checkpoint.exists():
            return 0
        rows: int = json.loads(self.checkpoint.read_text(encoding="utf-8"))["rows"]
        return rows

    async def published(self) -> Counter[str]:
        """Count the records of each event id in the topic."""
        records = await self.broker.read(self.prefix + LEAD_EVENTS.name)
        return Counter(dict(record.headers)["ce_id"].decode() for record in records)


@pytest.fixture
async def an_import(tmp_path: Path) -> AsyncIterator[Import]:
    async with kafka.test_broker() as broker:
        prefix = f"import-{tmp_path.parent.name}-{os.getpid()}-"
        topic = replace(LEAD_EVENTS, name=prefix + LEAD_EVENTS.name)
        await topics.apply(broker.admin, topics.declared([topic]))
        yield Import(tmp_path, prefix, broker)
        await broker.admin.delete_topics([topic.name, topic.dead_letter_topic])


async def test_an_import_killed_in_the_middle_goes_on_without_double_counting(
    an_import: Import,
) -> None:
    an_import.write(ROWS)
    for least in (2_000, 9_000):
        process = await an_import.start()
        await an_import.has_acknowledged(least)
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
    assert an_import.acknowledged() < ROWS

    process = await an_import.start()
    _, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert an_import.acknowledged() == ROWS

    published = await an_import.published()
    assert published.keys() == {f"{number}:view" for number in range(ROWS) if number != 7}
    # What a kill interrupts is sent again, one stretch of rows each time: the same ids, which the
    # inbox counts once.
    assert sum(published.values()) - len(published) <= 2 * 1_000
    report = (an_import.folder / "rejected.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in report] == [
        {
            "line": 8,
            "column": "at",
            "reason": "'soon' is no time in the format iso8601",
            "kind": "not_a_time",
            "last_line": None,
        }
    ]


async def test_a_finished_import_publishes_nothing_more_unless_it_is_restarted(
    an_import: Import,
) -> None:
    an_import.write(50)
    goes_on = "Going on after 50 lines"
    for expected, options, said in (
        (1, (), False),
        (1, (), True),
        (2, ("--restart",), False),
    ):
        process = await an_import.start(*options)
        _, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        assert set((await an_import.published()).values()) == {expected}
        assert (goes_on in errors.decode()) is said


async def test_more_rejected_lines_than_allowed_end_the_import_with_code_1(
    an_import: Import,
) -> None:
    an_import.write(50)
    process = await an_import.start("--max-rejected", "0")
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert "more than 0 lines were rejected" in errors.decode()


async def test_no_broker_is_one_clear_line(an_import: Import) -> None:
    an_import.write(50)
    process = await an_import.start("--bootstrap-servers", "127.0.0.1:1")
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert "Run the same command again to go on from here." in errors.decode()
    assert "Traceback" not in errors.decode()


async def test_an_import_that_is_interrupted_says_how_to_go_on(an_import: Import) -> None:
    an_import.write(10 * ROWS)  # more than it could publish before it hears the signal
    process = await an_import.start()
    await an_import.has_acknowledged(1_000)
    process.send_signal(signal.SIGINT)
    _, errors = await process.communicate()
    assert process.returncode == 130
    assert "Stopped. Run the same command again to go on from here." in errors.decode()
    assert "Traceback" not in errors.decode()
