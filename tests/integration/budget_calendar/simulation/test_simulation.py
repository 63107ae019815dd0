"""The example scenarios, played by the command on the time-skipping server."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from budget_calendar.cli import app
from budget_calendar.pictures.events import EventKind
from kakehashi_common.temporal import time_skipping
from tests.support import stack

EXAMPLES = Path(__file__).parents[4] / "examples" / "budget_years"
GOLDEN = Path(__file__).with_name("golden")

REFUSED = """\
title: {ja: 桐生市, en: Kiryu}
starts: 2026-10-15
municipalities:
  - code: "102032"
events:
  - on: 2026-10-20
    correct:
      municipality: "102032"
      fiscal_year: 2026
      milestone: summer_review
      day: 2026-07-08
      source: telephone
      reason: they said so
"""


def simulate(*options: object, server: Path | None = None) -> Result:
    server = server or stack.time_skipping_test_server()
    return CliRunner().invoke(
        app,
        ["simulate", "--server", str(server), *map(str, options)],
        env={"COLUMNS": "100"},
    )


def played(example: str, folder: Path, *options: object) -> dict[str, Any]:
    """Return the JSON that the command writes for an example."""
    file = folder / "played.json"
    result = simulate("--scenario", EXAMPLES / f"{example}.yaml", "--json", file, *options)
    assert result.exit_code == 0, result.output
    document: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return document


def who(event: dict[str, Any]) -> str:
    return str(event["pursuit"] or event["municipality"])


def story(document: dict[str, Any], pursuit: str) -> list[str]:
    return [
        f"{each['on']} {each['what']['en']}"
        for each in document["events"]
        if each["pursuit"] == pursuit
    ]


def test_the_same_scenario_gives_the_same_sequence(tmp_path: Path) -> None:
    document = played("cut_restored_june", tmp_path, "--picture", tmp_path / "years.svg")
    lines = [
        f"{each['on']} {each['kind']} {who(each)} {each['what']['ja']}"
        for each in document["events"]
    ]
    expected = (GOLDEN / "cut_restored_june.txt").read_text(encoding="utf-8")
    assert lines == expected.splitlines()
    assert (tmp_path / "years.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_lease_runs_to_its_renewal_and_its_successor_is_budgeted_in_time(tmp_path: Path) -> None:
    document = played("lease_to_renewal", tmp_path)
    first, second = document["pursuits"]
    assert (first["id"], first["ending"]) == ("tablets", "renewed")
    assert (second["id"], second["status"]) == ("tablets-2", "active")
    successor = story(document, "tablets-2")
    assert successor[0] == "2029-04-02 The pursuit was opened"  # 1 April is a Sunday
    assert "2030-03-20 The council voted the money" in successor
    assert "2030-04-01 The contract was concluded" in successor


def test_an_election_makes_a_skeleton_budget_possible_and_revisions_are_announced(
    tmp_path: Path,
) -> None:
    document = played("election_and_skeleton_budget", tmp_path, "--years", 2)
    moved = [each for each in document["events"] if each["kind"] == EventKind.REVISION]
    of_calendars = [each["what"]["en"] for each in moved if each["pursuit"] is None]
    assert "Session opens (session 2) 4 Jun" in of_calendars[0]  # no longer from election years
    assert "Election of the head –→25 Apr" in of_calendars[1]
    assert "Initial budget voted" in of_calendars[2]
    assert document["refused"] == []
    assert {each["municipality"] for each in document["events"]} == {"102032"}
    assert any("Election" in each["what"]["en"] for each in document["events"])


def test_a_grant_is_applied_for_and_a_smaller_deal_goes_through_an_extraordinary_session(
    tmp_path: Path,
) -> None:
    document = played("grant_then_extraordinary_session", tmp_path)
    assert document["refused"] == []
    (deal,) = document["pursuits"]
    assert (deal["ending"], deal["route"]) == ("completed", "supplementary_budget:2027:202701")
    told = story(document, "sensor-net")
    consultation = next(line for line in told if "grant application" in line)
    assert consultation.startswith("2026-12-15 Time to begin")
    assert "2027-04-05 The grant was not awarded" in told
    assert "2027-06-25 The goal was revised" in told
    assert "2027-07-30 The council voted the money" in told
    called = [each["what"]["en"] for each in document["events"] if each["on"] == "2027-06-28"]
    assert "Session 2027-1 (extraordinary) called: last vote 30 Jul" in called


def test_what_cannot_happen_is_reported_and_the_years_go_on(tmp_path: Path) -> None:
    file = tmp_path / "refused.yaml"
    file.write_text(REFUSED, encoding="utf-8")
    result = simulate("--scenario", file, "--years", 1, "--language", "en")
    assert result.exit_code == 1
    assert "Refused: scenario corrects:" in " ".join(result.output.split())
    assert "has passed" in result.output
    assert "Fiscal year 2027" in result.output


def test_municipalities_need_no_scenario(tmp_path: Path) -> None:
    file = tmp_path / "played.json"
    result = simulate(
        "--municipalities", "102032,102016", "--starts", "2026-10-15", "--years", 1, "--json", file
    )
    assert result.exit_code == 0, result.output
    events = json.loads(file.read_text(encoding="utf-8"))["events"]
    assert {each["municipality"] for each in events} == {"102016", "102032"}
    assert events[0]["on"] == "2026-10-15"
    assert all("2026-10-15" <= each["on"] <= "2027-10-15" for each in events)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "name --municipalities, a --prefecture or a --scenario"),
        (["--municipalities", "102033"], "102032"),
        (["--prefecture", "群馬件"], "did you mean 群馬県?"),
        (["--municipalities", "102032", "--picture", "years.gif"], "name it .svg or .png"),
    ],
)
def test_wrong_arguments_are_reported_before_anything_starts(options: list[str], said: str) -> None:
    result = simulate(*options)
    assert result.exit_code != 0
    assert said in " ".join(result.output.split())


def test_a_server_that_does_not_start_is_reported_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_skipping, "START_TIMEOUT", timedelta(seconds=2))
    server = tmp_path / "server"
    server.write_text("#!/bin/sh\nexit 1\n")
    server.chmod(0o755)
    result = simulate("--municipalities", "102032", server=server)
    assert result.exit_code == 1
    assert "KAKEHASHI_TIME_SKIPPING_SERVER" in result.output


def test_a_scenario_with_mistakes_names_the_file_and_the_line(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(REFUSED.replace("summer_review", "sumer_review"), encoding="utf-8")
    result = simulate("--scenario", file)
    assert result.exit_code == 1
    assert "wrong.yaml: line 10," in result.output.replace("\n", "")
