"""``followup playbooks``: what is wrong is said with its line, and needs no server to say it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from followup.cli import app
from followup.playbooks.reading import shipped


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "welcome.yaml"
    path.write_text(shipped()["welcome"], encoding="utf-8-sig")
    return path


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def playbooks(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["playbooks", *map(str, arguments)])
    return result.exit_code, result.output


def test_a_good_file_is_summed_up(good: Path) -> None:
    code, output = playbooks("check", good)
    assert code == 0
    assert "is a playbook: welcome (はじめてのご連絡), 5 steps, 3 templates" in output


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("priority: 40", "priority: 400", "line 9, column 11: a priority is a number from 1"),
        ("kind: branch", "kind: bush", "'bush' is unknown; kinds: mail, call_task"),
        ("id: welcome", "\tid: welcome", "not valid YAML"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(good: Path, old: str, new: str, said: str) -> None:
    good.write_text(good.read_text(encoding="utf-8-sig").replace(old, new, 1), encoding="utf-8")
    for command in ("check", "texts"):
        code, output = playbooks(command, good)
        assert code == 1
        assert said in output


@pytest.mark.parametrize("encoding", ["cp932", "utf-16"])
def test_a_file_in_another_encoding_is_refused_in_words(good: Path, encoding: str) -> None:
    good.write_text(shipped()["welcome"], encoding=encoding)
    code, output = playbooks("check", good)
    assert code == 1
    assert "line 1, column 1: the file is not UTF-8; save it in that encoding" in output


def test_the_texts_are_shown_as_a_reader_gets_them(good: Path) -> None:
    code, output = playbooks("texts", good, "--role", "manager", "--size-band", "under_50k")
    assert code == 0
    assert "件名：〈product〉の資料をお送りします" in output
    assert "少ない人数で幅広い業務" in output
    assert "【名刺交換の場面や、ご請求の内容に触れる一文】" in output


def test_a_reader_whom_it_does_not_address_gets_no_text(tmp_path: Path) -> None:
    path = tmp_path / "price-interest.yaml"
    path.write_text(shipped()["price-interest"], encoding="utf-8")
    code, output = playbooks("texts", path, "--role", "council")
    assert code == 1
    assert "'costs' has no text for council" in output


def test_what_ships_can_be_listed_and_taken_to_start_from(tmp_path: Path) -> None:
    code, output = playbooks("shipped")
    assert code == 0
    assert len(output.splitlines()) == len(shipped())
    code, output = playbooks("shipped", "enquiry")
    path = tmp_path / "own.yaml"
    path.write_text(output, encoding="utf-8")
    assert (code, playbooks("check", path)[0]) == (0, 0)
    code, output = playbooks("shipped", "nothing")
    assert code == 1
    assert "no playbook 'nothing' comes with the service" in output
