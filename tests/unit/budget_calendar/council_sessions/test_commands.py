import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from budget_calendar.council_sessions.commands import app

KIRYU = "examples/kiryu_council_sessions"


def test_a_dry_run_shows_what_was_read_and_what_was_not() -> None:
    result = CliRunner().invoke(app, ["import", KIRYU, "--code", "102032", "--dry-run"])
    assert result.exit_code == 0
    assert "桐生市 (102032)" in result.stdout
    assert "51 sessions from 54 files." in result.stdout
    assert "r1-1-rinjikai.json dates[0]: 令和元年5月22月" in result.stdout
    assert "it ends in 月 instead of 日" in result.stdout
    assert result.stdout.endswith("Nothing stored: this was a dry run.\n")


def test_the_back_test_prints_our_errors_beside_the_naive_ones() -> None:
    result = CliRunner().invoke(app, ["backtest", KIRYU, "--train-to", "2018", "--code", "102032"])
    assert result.exit_code == 0
    votes, openings = result.stdout.split(" openings ")
    figures = {
        " ".join(words[:-2]): words[-2:]
        for words in map(str.split, votes.splitlines())
        if len(words) > 2
    }
    assert figures["same weekday last year"] == ["3.31", "1.5"]
    assert figures["median day of the last five years"] == ["3.12", "3.0"]
    assert figures["mean day of the last five years"] == ["2.64", "2.3"]
    assert float(figures["this prediction"][0]) <= 2.4
    assert "80 % windows held 14 of 16 times (88%)" in votes
    assert "80 % windows held 6 of 6 times" in openings


def test_a_known_term_of_the_head_is_used() -> None:
    arguments = ["backtest", KIRYU, "--train-to", "2018", "--code", "102032"]
    without = CliRunner().invoke(app, arguments)
    known = CliRunner().invoke(app, [*arguments, "--term-ends", "2027-05-08"])
    assert known.exit_code == 0
    assert known.stdout != without.stdout


def test_unknown_openings_are_said(tmp_path: Path) -> None:
    for year in (27, 28, 29):
        session = {
            "session": f"平成{year}年第3回定例会",
            "dates": [f"平成{year}年9月16日"],
            "bills": [],
        }
        (tmp_path / f"{year}.json").write_text(json.dumps(session), encoding="utf-8")
    result = CliRunner().invoke(app, ["backtest", str(tmp_path), "--train-to", "2015"])
    assert result.exit_code == 0, result.stderr
    assert "Too few openings are known to test them." in result.stdout


def test_only_the_years_asked_for_are_tested() -> None:
    result = CliRunner().invoke(
        app, ["backtest", KIRYU, "--train-to", "2014", "--test-from", "2016", "--test-to", "2016"]
    )
    assert result.exit_code == 0
    assert "of 4 times" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["import", KIRYU, "--code", "102031"], "10203 takes 2, that is 102032"),
        (["import", KIRYU, "--code", "1020"], "give six digits"),
        (["backtest", KIRYU, "--train-to", "2030"], "train to 2030, test 2031–2022"),
        (["backtest", KIRYU, "--train-to", "2018", "--test-from", "2017"], "test 2017–2022"),
    ],
)
def test_a_bad_argument_gets_one_clear_line(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert message in result.stderr.replace("\n", " ")


def test_a_folder_of_which_nothing_can_be_read_fails_with_its_problems(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    result = CliRunner().invoke(app, ["import", str(tmp_path), "--code", "102032", "--dry-run"])
    assert result.exit_code == 1
    assert "not JSON" in result.stdout
    assert "could be read" in " ".join(result.stderr.split())
