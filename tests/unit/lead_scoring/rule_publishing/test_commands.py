"""``lead-scoring rules``: what is wrong is said with its line, and needs no server to say it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lead_scoring.cli import app
from lead_scoring.rules.file import shipped

NOBODY_LISTENS = "http://127.0.0.1:1"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(shipped(), encoding="utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    path.write_text(shipped().replace("horizon_days: 540", "horizon_days: 5400"), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def no_api(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAD_SCORING_API_URL", NOBODY_LISTENS)
    monkeypatch.setenv("LEAD_SCORING_TOKEN", "given")
    monkeypatch.setenv("COLUMNS", "200")


def rules(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["rules", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_good_file_is_summed_up(good: Path) -> None:
    code, output = rules("check", good)
    assert code == 0
    assert "is a rule set: municipal" in output


@pytest.mark.parametrize("command", ["check", "publish"])
def test_a_bad_file_is_refused_with_its_line_before_anything_is_sent(
    command: str, bad: Path
) -> None:
    line = shipped().splitlines().index("horizon_days: 540") + 1
    code, output = rules(command, bad)
    assert code == 1
    assert f"line {line}, column 15: a horizon is between 1 and 730 days" in output


def test_files_are_compared_without_a_server(good: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(shipped().replace("cool_down_days: 30", "cool_down_days: 31"), "utf-8")
    assert rules("diff", good, good) == (0, f"{good} and {good} mean the same.\n")
    code, output = rules("diff", good, other)
    assert code == 1
    assert "qualification.cool_down_days  30" in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["list"], f"no API at {NOBODY_LISTENS}"),
        (["diff", "1", "2"], f"no API at {NOBODY_LISTENS}"),
        (["diff", "newest", "2"], "newest is neither a file nor the number of a version"),
    ],
)
def test_an_api_that_is_away_is_one_clear_line(arguments: list[str], said: str) -> None:
    code, output = rules(*arguments)
    assert code == 1
    assert said in output
    assert "Traceback" not in output
