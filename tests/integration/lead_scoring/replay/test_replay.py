"""``lead-scoring replay`` on a slice of the real stream, through real servers."""

import asyncio
import csv
import gzip
import os
import re
import sys
from pathlib import Path

import pytest

from tests.support import stack

ROOT = Path(__file__).parents[4]
STREAM = ROOT.parent / "shared/data/loan_leads_bpi2012_q4_2011.csv.gz"
LEADS = 400

needs_the_stream = pytest.mark.skipif(
    not STREAM.exists(), reason=f"the BPI 2012 stream is not at {STREAM}"
)


def slice_of_the_stream(into: Path) -> int:
    """The first leads of the stream with all their events; how many events."""
    with gzip.open(STREAM, "rt", encoding="utf-8", newline="") as source:
        rows = csv.reader(source)
        header = next(rows)
        cases: set[str] = set()
        kept = []
        for row in rows:
            cases.add(row[0])
            if len(cases) > LEADS:
                break
            kept.append(row)
    with into.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([header, *kept])
    return len(kept)


async def replay(*arguments: str | Path) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "lead_scoring.cli", "replay", *map(str, arguments),
        cwd=ROOT,
        env={**os.environ, **stack.environment(), "COLUMNS": "200"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode, output.decode()


@needs_the_stream
async def test_a_slice_goes_through_the_broker_and_is_judged(tmp_path: Path) -> None:
    events = slice_of_the_stream(tmp_path / "slice.csv")
    code, said = await replay(tmp_path / "slice.csv")
    assert code == 0, said
    assert f"{events:,}  records read" in said
    assert f"{LEADS}  of {LEADS} stored scores are equal to what the event log gives" in said
    assert re.search(r"The rules were tuned on the first 280 leads\. Of the 120 registered", said)
    assert re.search(r"AUC 0\.\d{3} \[0\.\d{3}, [01]\.\d{3}\] of the list", said)
    assert re.search(r"^ ?C3 +\d+ +\d+\.\d%", said, re.MULTILINE)


async def test_a_rule_file_that_is_wrong_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("case\n1\n", encoding="utf-8")
    (tmp_path / "rules.yaml").write_text("name: x\n", encoding="utf-8")
    code, said = await replay(tmp_path / "leads.csv", "--rules", tmp_path / "rules.yaml")
    assert code == 2
    assert "line 1, column 1: the rule file lacks" in said


async def test_a_file_that_the_mapping_does_not_fit_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("case\n1\n", encoding="utf-8")
    code, said = await replay(tmp_path / "leads.csv")
    assert code == 1
    assert "the mapping reads activity, lifecycle" in said
    assert "Traceback" not in said
