"""The demo's journey stops at the first step that does not happen, and says which."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from budget_calendar.registry.search import Registry
from budget_calendar.registry.snapshot import shipped
from budget_calendar.simulation.scenario_file import read_scenario
from examples import journey
from examples.journey import mails
from examples.journey.cast import cast, places
from examples.journey.steps import NotYet, StepError, Steps
from followup.delivery.composing import compose
from followup.delivery.signing import sign
from followup.domain.playbooks.checks import Limits
from followup.playbooks.reading import read_playbook
from kakehashi_common.contracts.municipalities import Municipality
from kakehashi_common.http.client import ApiError
from kakehashi_common.ports import free_port
from kakehashi_common.terminal import Console
from tests.support.dkim_keys import rsa_key
from tests.support.outgoing_mails import MAIL

FOLDER = Path(journey.__file__).parent
ROOT = FOLDER.parents[1]
NOW = datetime(2026, 11, 30, 3, 0, tzinfo=UTC)


def test_what_does_not_come_is_named_with_what_there_is() -> None:
    steps = Steps(Console(quiet=True), timedelta())
    steps.begin("The mail goes")

    with pytest.raises(StepError, match="waited 0 s for the mail; found: it is planning"):
        steps.wait("the mail", lambda: NotYet("it is planning"))
    assert steps.current == "1  The mail goes"


def test_an_answer_that_refuses_is_waited_for() -> None:
    answers = iter([ApiError("404: nothing is known of lead web-1"), None])

    def look() -> str:
        if (error := next(answers)) is not None:
            raise error
        return "there"

    assert Steps(Console(quiet=True), timedelta(seconds=30)).wait("a lead", look) == "there"


def test_a_service_that_is_away_ends_the_journey(tmp_path: Path) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    names = ("LEAD_SCORING", "HANDOFF", "BUDGET_CALENDAR", "FOLLOWUP")
    ran = subprocess.run(
        [sys.executable, "-m", "examples.journey"],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            **{f"{name}_API_URL": nowhere for name in names},
            **{f"{name}_TOKEN": "t" for name in names},
            "KAKEHASHI_MAIL_FOLDER": str(tmp_path),
            "KAKEHASHI_MAIL_PAGE_PORT": "1",
            "KAKEHASHI_MAIL_SMTP_PORT": "1",
            "KAKEHASHI_TEMPORAL_UI_URL": nowhere,
            "FOLLOWUP_MAIL__SENDER": "sales@kakehashi.example.jp",
            "FOLLOWUP_DELIVERY__DKIM_KEY_FILE": str(tmp_path / "dkim.pem"),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 1
    assert "This did not happen: 0  What the journey needs" in ran.stdout
    assert f"no API at {nowhere}" in ran.stdout


def test_a_signature_is_right_until_the_mail_is_changed(tmp_path: Path) -> None:
    mail, key_file, key = tmp_path / "1.eml", tmp_path / "dkim.pem", rsa_key()
    key_file.write_bytes(key.private_key)
    data = compose(MAIL)

    mail.write_bytes(sign(data, [key]))
    assert mails.is_signed(mail, key_file)
    mail.write_bytes(mail.read_bytes().replace(b"To: ", b"To: x"))
    assert not mails.is_signed(mail, key_file)
    mail.write_bytes(data)
    assert not mails.is_signed(mail, key_file)


def test_each_run_goes_to_another_city_until_all_have_been() -> None:
    codes = [each.code for each in places()]
    assert codes[0] == "102032"  # 桐生市
    assert len(codes) == 12

    first, second = cast(NOW, ()), cast(NOW, codes[:1])
    assert first is not None
    assert second is not None
    assert (first.place.code, second.place.code) == tuple(codes[:2])
    assert first.run == "20261130-120000"
    assert cast(NOW, codes) is None


def test_the_journeys_playbook_can_be_published() -> None:
    text = (FOLDER / "grounds.yaml").read_text(encoding="utf-8")

    assert read_playbook(text, Limits()).id == "demo-grounds"


@pytest.mark.parametrize("place", places(), ids=lambda place: place.code)
def test_years_can_pass_in_each_city(place: Municipality) -> None:
    text = (FOLDER / "years.yaml").read_text(encoding="utf-8").replace("102032", place.code)

    scenario = read_scenario(text, FOLDER, Registry(shipped()), NOW.date())

    assert [each.municipality.name for each in scenario.inputs] == [place.name]
