"""The sentences about a sequence that people read."""

from dataclasses import replace

from followup.domain.delivery.outcome import Fate
from followup.domain.sequences.commands import Approve, RefuseStep
from followup.domain.sequences.narrative import PUT_OFF, narrative, why_then
from followup.domain.sequences.terms import Status
from followup.steps.sending import (
    CONTACT_CHANGED,
    FILL_IN_MISSING,
    MAIL_WAITS,
    OCCURRENCE_PENDING,
    SEQUENCE_STANDS_STILL,
)
from followup.steps.webhooks import NOT_TAKEN
from tests.support.sequences import Life, at


def approved_in_the_evening() -> Life:
    life = Life("2026-11-30 20:00")
    life.do(Approve("is-1", life.state.approval_id or ""))
    return life


def test_a_step_that_is_scheduled_says_why_then() -> None:
    life = approved_in_the_evening()
    assert why_then(life.state) == "開庁時間"
    life.then("2026-12-01 09:00")
    assert why_then(life.state) is None


def test_a_mail_that_is_put_off_says_until_when_and_why() -> None:
    life = approved_in_the_evening()
    life.state = replace(life.state, status=Status.SENDING)
    why = "この方へのメールは1日に1通までで、すでに1通あります。"
    until = at("2026-12-01 09:00")
    life.do(RefuseStep(life.state.attempt, "cap_reached", until, why))
    assert why_then(life.state) == why
    assert narrative(life.state)[-1].endswith(
        f"「introduction」を2026-12-01 09:00まで延期（{why}）"
    )


def test_what_only_a_code_says_is_in_japanese_words() -> None:
    life = approved_in_the_evening()
    life.state = replace(life.state, status=Status.SENDING)
    life.do(RefuseStep(life.state.attempt, Fate.WITHHELD.value, at("2026-12-01 09:00")))
    assert narrative(life.state)[-1].endswith(
        "「introduction」を2026-12-01 09:00まで延期（同じ宛先ドメインへの送信間隔を空けます）"
    )


def test_each_reason_of_a_step_put_off_that_has_no_words_of_its_own_has_some() -> None:
    of_sending = {SEQUENCE_STANDS_STILL, FILL_IN_MISSING, OCCURRENCE_PENDING, MAIL_WAITS}
    of_delivery = {Fate.DEFERRED.value, Fate.UNKNOWN.value, Fate.WITHHELD.value}
    of_webhooks = {NOT_TAKEN, "unknown_webhook"}
    assert of_sending | {CONTACT_CHANGED} | of_delivery | of_webhooks == PUT_OFF.keys()
