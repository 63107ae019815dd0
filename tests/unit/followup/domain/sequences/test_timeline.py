"""The remaining steps of a sequence."""

from dataclasses import replace

import pytest

from followup.domain.playbooks.steps import OccurrenceKind, WebhookStep
from followup.domain.sequences.advancing import Script
from followup.domain.sequences.commands import Approve, Pause, Stop
from followup.domain.sequences.timeline import planned, planned_sentence
from tests.support.sequences import OFFICE, PLAYBOOK, Life, at


def ahead(life: Life) -> list[str]:
    steps = planned(life.state, life.script, life.now)
    return [f"{each.step} {each.at:%m-%d %H:%M}" for each in steps]


def approved() -> Life:
    life = Life("2026-11-30 20:00")
    life.do(Approve("is-1", life.state.approval_id or ""))
    return life


def test_the_present_step_and_those_behind_it_as_if_nobody_answered() -> None:
    assert ahead(Life("2026-11-30 10:00")) == [
        "introduction 11-30 10:00",
        "reminder 12-07 08:30",
        "call 12-14 08:30",
    ]


def test_a_step_that_is_scheduled_keeps_its_time() -> None:
    assert ahead(approved()) == [
        "introduction 12-01 08:30",
        "reminder 12-08 08:30",
        "call 12-15 08:30",
    ]


def test_what_is_done_is_not_ahead_and_what_has_happened_decides() -> None:
    life = approved().then("2026-12-01 09:00")
    assert ahead(life) == ["reminder 12-08 08:30", "call 12-15 08:30"]
    life.then("2026-12-02 10:00").react(OccurrenceKind.ANSWERED)
    assert ahead(life) == ["call 12-02 10:00"]


@pytest.mark.parametrize(
    ("until", "first"), [("2027-01-12 09:00", "01-12 09:00"), (None, "11-30 10:00")]
)
def test_a_pause_puts_off_what_is_ahead_if_its_end_is_known(until: str | None, first: str) -> None:
    life = Life("2026-11-30 10:00")
    life.do(Pause("is-1", until=None if until is None else at(until)))
    assert ahead(life)[0] == f"introduction {first}"


def test_the_time_of_a_pause_is_no_silence() -> None:
    life = approved().then("2026-12-01 09:00")
    life.do(Pause("mail", until=at("2026-12-07 00:00")))
    assert ahead(life) == ["reminder 12-11 08:30", "call 12-18 08:30"]


def test_nothing_is_ahead_of_what_has_ended() -> None:
    life = Life("2026-11-30 10:00")
    life.do(Stop("is-1"))
    assert ahead(life) == []


def test_each_step_ahead_says_what_it_is_and_that_it_is_an_estimate() -> None:
    steps = (PLAYBOOK.steps[0], WebhookStep(id="tell", hook="crm"), PLAYBOOK.steps[-1])
    life = Life("2026-11-30 10:00", replace(PLAYBOOK, steps=steps))
    script = Script(life.script.playbook, OFFICE)
    assert [planned_sentence(each, script) for each in planned(life.state, script, life.now)] == [
        "早くて2026-11-30 10:00にメール「introduction」の見込み（メールを送信）",
        "早くて2026-11-30 10:00に外部システムへの通知「tell」の見込み（外部システムに通知）",
        "早くて2026-11-30 10:00に電話「call」の見込み（担当者の作業：電話で状況を伺う）",
    ]
