"""Five weeks of a team, played once by the command on the time-skipping server."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from handoff.cli import app
from kakehashi_common.temporal import time_skipping
from tests.support import stack

SCENARIO = Path(__file__).with_name("five_weeks.yaml")
GOLDEN = Path(__file__).with_name("golden") / "five_weeks.txt"


def simulate(*options: object, server: Path | None = None) -> Result:
    server = server or stack.time_skipping_test_server()
    return CliRunner().invoke(
        app,
        ["simulate", "--server", str(server), *map(str, options)],
        env={"COLUMNS": "120"},
    )


@dataclass(frozen=True)
class Simulated:
    """The command's output and files."""

    printed: str
    document: dict[str, Any]
    picture: str


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    folder = tmp_path_factory.mktemp("simulated")
    file, picture = folder / "weeks.json", folder / "weeks.svg"
    result = simulate("--scenario", SCENARIO, "--json", file, "--picture", picture)
    assert result.exit_code == 0, result.output
    return Simulated(
        result.stdout,
        json.loads(file.read_text(encoding="utf-8")),
        picture.read_text(encoding="utf-8"),
    )


def test_the_same_scenario_and_seed_give_the_same_weeks(simulated: Simulated) -> None:
    printed = [line.rstrip() for line in simulated.printed.splitlines()]
    assert printed == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_everything_happens_that_a_sales_manager_knows(simulated: Simulated) -> None:
    measures = simulated.document["measures"]
    rejected = {each["reason"] for each in measures["rejections"]}
    assert rejected == {"too_early", "facts_missing", "no_need", "no_capacity"}
    met = measures["transitions"][-1]
    assert met["went_on"]["count"] > 0
    assert {each["reason"] for each in met["lost"]} >= {"lost", "no_decision"}
    why = Counter(each["why"] for each in simulated.document["late"])
    assert why["担当を変更（期限内に回答なし）"] > 0
    assert why["チームリーダーへの報告後に対応"] > 0
    assert [each["code"] for each in simulated.document["refused"]] == ["not_the_owner"]
    assert measures["rounds"] > 5 * 6  # a recycled one has woken


def test_the_weeks_sum_up_to_the_whole_and_the_shares_to_the_entitlements(
    simulated: Simulated,
) -> None:
    document = simulated.document
    assert sum(week["rounds"] for week in document["weeks"]) == document["measures"]["rounds"]
    members = document["members"]
    assert sum(each["entitled"] for each in members) == pytest.approx(
        sum(each["assigned"] for each in members), abs=0.01
    )
    assert all(abs(each["entitled"] - each["assigned"]) < 1 for each in members)


def test_nobody_is_asked_who_is_away_or_has_left(simulated: Simulated) -> None:
    assert "4/26〜5/5不在" in simulated.printed
    assert "5/7退職" in simulated.printed
    still_there = {each["handoff"]["owner"] for each in simulated.document["agenda"]["open"]}
    assert "fs-3" not in still_there


def test_the_picture_shows_each_week_and_each_member(simulated: Simulated) -> None:
    for shown in ("4/12", "5/10", "斎藤 恵（群馬チーム）", "本来の持ち分"):
        assert shown in simulated.picture


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("starts: 2027-04-12", "starts: 2027-04-13", "starts must be a Monday"),
        ("weeks: 5", "weeks: five", "line 5, column 8: weeks"),
        ("no_capacity: 10", "no_capacity: 80", "at most 100 together"),
    ],
)
def test_a_scenario_with_mistakes_names_the_file_and_the_reason(
    right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(SCENARIO.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    result = simulate("--scenario", file)
    assert result.exit_code == 1
    assert "wrong.yaml:" in result.output.replace("\n", "")
    assert said in " ".join(result.output.split())


def test_a_server_that_does_not_start_is_reported_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_skipping, "START_TIMEOUT", timedelta(seconds=2))
    server = tmp_path / "server"
    server.write_text("#!/bin/sh\nexit 1\n")
    server.chmod(0o755)
    result = simulate("--scenario", SCENARIO, server=server)
    assert result.exit_code == 1
    assert "KAKEHASHI_TIME_SKIPPING_SERVER" in result.output
