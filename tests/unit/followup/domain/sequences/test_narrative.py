"""The sentences about a sequence that people read."""

from dataclasses import replace

import pytest

from followup.domain.delivery.outcome import Fate
from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import Approve, RefuseStep
from followup.domain.sequences.facts import Occurred, Started
from followup.domain.sequences.narrative import PUT_OFF, narrative, sentence, summary, why_then
from followup.domain.sequences.terms import Status
from followup.domain.sequences.words import step_in_words
from followup.sequences.names import static_summary
from followup.steps.sending import (
    CONTACT_CHANGED,
    FILL_IN_MISSING,
    MAIL_WAITS,
    OCCURRENCE_PENDING,
    SEQUENCE_STANDS_STILL,
)
from followup.steps.webhooks import NOT_TAKEN
from kakehashi_common.domain.japanese_names import reason_name
from kakehashi_common.domain.reasons import ReasonKind
from tests.support.sequences import PLAYBOOK, Life, an_entry, at


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


def test_steps_behaviours_and_what_began_it_have_japanese_names() -> None:
    life = Life("2026-11-30 10:00")
    life.state = replace(
        life.state, history=(Started(life.now, "followup-triggers-v1", "first_contact"),)
    )
    assert narrative(life.state)[-1].endswith("開始（きっかけ：初回接点、自動）")
    assert summary(life.state, PLAYBOOK).startswith("メール「introduction」の承認待ちです。")
    seen = Occurred(life.now, OccurrenceKind.BEHAVIOUR, "behaviours", "price_interest")
    assert sentence(seen, PLAYBOOK) == "行動を検知（料金・比較への関心）"
    phase = Occurred(life.now, OccurrenceKind.PHASE_BEGAN, "x", "department_requests")
    assert sentence(phase, PLAYBOOK) == "予算編成の段階が開始（予算要求）"
    words = [step_in_words(each.id, PLAYBOOK) for each in PLAYBOOK.steps]
    assert words[1:] == [
        "反応待ち「reaction」",
        "メール「reminder」",
        "待機「a_week」",
        "電話「call」",
    ]
    assert step_in_words("gone", PLAYBOOK) == "「gone」"


@pytest.mark.parametrize("kind", ReasonKind)
def test_each_kind_of_reason_has_a_japanese_name(kind: ReasonKind) -> None:
    assert reason_name(kind) != kind


def test_a_sequence_is_shown_by_the_name_of_its_playbook() -> None:
    named = static_summary(an_entry(playbook_name="価格ページの閲覧", municipality_code="102032"))
    assert named == "群馬県桐生市：価格ページの閲覧（lead-1）"
    assert static_summary(an_entry(municipality_code="102032"), PLAYBOOK) == named


def test_each_reason_of_a_step_put_off_that_has_no_words_of_its_own_has_some() -> None:
    of_sending = {SEQUENCE_STANDS_STILL, FILL_IN_MISSING, OCCURRENCE_PENDING, MAIL_WAITS}
    of_delivery = {Fate.DEFERRED.value, Fate.UNKNOWN.value, Fate.WITHHELD.value}
    of_webhooks = {NOT_TAKEN, "unknown_webhook"}
    assert of_sending | {CONTACT_CHANGED} | of_delivery | of_webhooks == PUT_OFF.keys()
