"""A dry run of ``lead-scoring import`` leaves files and topics alone."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lead_scoring.cli import app

MAPPING = """\
format: csv
source: https://crm.example
lead_id: "crm-{id}"
time: {column: at, timezone: Asia/Tokyo}
rules:
  - name: view
    event: activity_recorded
    data: {kind: page_viewed}
"""


@dataclass
class Import:
    """A file of three lines, of which the second can't be read."""

    folder: Path

    def __post_init__(self) -> None:
        (self.folder / "mapping.yaml").write_text(MAPPING, encoding="utf-8")
        (self.folder / "leads.csv").write_text(
            "id,at\n1,2026-06-01\n2,soon\n3,2026-06-01\n", encoding="utf-8"
        )

    @property
    def checkpoint(self) -> Path:
        return self.folder / "leads.csv.import.json"

    @property
    def report(self) -> Path:
        return self.folder / "rejected.ndjson"

    def dry_run(self, *options: str) -> Result:
        return CliRunner().invoke(
            app,
            [
                *("import", str(self.folder / "leads.csv")),
                *("--mapping", str(self.folder / "mapping.yaml")),
                *("--report", str(self.report), "--dry-run", *options),
            ],
        )


@pytest.fixture
def an_import(tmp_path: Path) -> Import:
    return Import(tmp_path)


def test_dry_runs_may_repeat_and_each_report_says_what_the_last_one_found(
    an_import: Import,
) -> None:
    for _ in range(2):
        assert an_import.dry_run().exit_code == 0
        lines = an_import.report.read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["line"] for line in lines] == [3]
    assert not an_import.checkpoint.exists()


def test_a_dry_run_leaves_the_report_of_an_import_alone(an_import: Import) -> None:
    an_import.checkpoint.write_text("{}", encoding="utf-8")
    an_import.report.write_text("of the import", encoding="utf-8")
    tried = an_import.dry_run()
    assert tried.exit_code == 2
    assert "name another file with --report" in " ".join(tried.output.split())
    assert an_import.report.read_text(encoding="utf-8") == "of the import"


def test_a_dry_run_does_not_forget_how_far_an_import_is(an_import: Import) -> None:
    an_import.checkpoint.write_text("{}", encoding="utf-8")
    assert an_import.dry_run("--restart").exit_code == 0
    assert an_import.checkpoint.read_text(encoding="utf-8") == "{}"
