"""Readiness: every criterion is met, not met or unknown, with what it rests on."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from handoff.domain.readiness import (
    Answer,
    Criterion,
    Facts,
    Override,
    ReadinessPolicy,
    judge,
)
from kakehashi_common.domain.errors import DomainError

TODAY = date(2026, 11, 29)
READY = Facts(
    grade="A1",
    people=3,
    decision_roles=frozenset({"officer", "manager"}),
    budget_phase="information_gathering",
    next_deadline=date(2026, 12, 25),
    last_contact_on=date(2026, 11, 20),
    consent=True,
    missing_fields=(),
)


def answer(criterion: Criterion, **facts: Any) -> tuple[Answer, str]:
    judged = judge(replace(READY, **facts), ReadinessPolicy(), TODAY)
    return next(
        (each.answer, each.evidence) for each in judged.judgements if each.criterion is criterion
    )


def test_a_lead_that_meets_everything_is_ready() -> None:
    readiness = judge(READY, ReadinessPolicy(), TODAY)
    assert readiness.ready
    assert readiness.open() == ()
    assert [each.criterion for each in readiness.judgements] == list(Criterion)


def test_of_a_lead_of_whom_nothing_is_known_every_criterion_is_unknown() -> None:
    readiness = judge(Facts(), ReadinessPolicy(), TODAY)
    assert {each.answer for each in readiness.judgements} == {Answer.UNKNOWN}
    assert readiness.open() == tuple(Criterion)


@pytest.mark.parametrize(
    ("criterion", "facts", "evidence"),
    [
        (Criterion.GRADE, {"grade": "C3"}, "評価 C3（基準は A1・A2・B1）"),
        (
            Criterion.PEOPLE,
            {"people": 1},
            "直近90日に動きのあった人は 1 人（基準は 2 人以上）",
        ),
        (
            Criterion.DECISION_ROLES,
            {"decision_roles": frozenset({"officer"})},
            "関わっている立場は 担当者（財政担当・首長・副首長・管理職のいずれかが必要）",
        ),
        (
            Criterion.DECISION_ROLES,
            {"decision_roles": frozenset[str]()},
            "関わっている立場は なし（財政担当・首長・副首長・管理職のいずれかが必要）",
        ),
        (
            Criterion.DEADLINE,
            {"next_deadline": date(2026, 12, 12)},
            "次の締切 2026-12-12 まで 13 日（基準は 14 日以上）",
        ),
        (
            Criterion.DEADLINE,
            {"next_deadline": date(2026, 11, 26)},
            "次の締切 2026-11-26 は 3 日前に過ぎました（基準は 14 日以上）",
        ),
        (
            Criterion.RECENT_CONTACT,
            {"last_contact_on": date(2026, 10, 29)},
            "最後の接触は 2026-10-29、31 日前（基準は 30 日以内）",
        ),
        (
            Criterion.BUDGET_PHASE,
            {"budget_phase": "finance_assessment"},
            "予算編成の段階は 財政課査定",
        ),
        (Criterion.CONSENT, {"consent": False}, "連絡の同意なし"),
        (Criterion.REQUIRED_FIELDS, {"missing_fields": ("need",)}, "未入力の必須項目: need"),
    ],
)
def test_what_is_not_met_says_what_is_known(
    criterion: Criterion, facts: dict[str, Any], evidence: str
) -> None:
    assert answer(criterion, **facts) == (Answer.NOT_MET, evidence)


@pytest.mark.parametrize(
    ("criterion", "facts"),
    [
        (Criterion.DEADLINE, {"next_deadline": date(2026, 12, 13)}),
        (Criterion.RECENT_CONTACT, {"last_contact_on": date(2026, 10, 30)}),
        (Criterion.PEOPLE, {"people": 2}),
    ],
)
def test_bounds_belong_to_what_is_met(criterion: Criterion, facts: dict[str, Any]) -> None:
    assert answer(criterion, **facts)[0] is Answer.MET


def override(answer: Answer, reason: str, hour: int) -> Override:
    at = datetime(2026, 11, 29, hour, tzinfo=UTC)
    return Override(Criterion.CONSENT, answer, reason, "is-001", at)


def test_a_person_overrides_with_a_reason_and_the_computed_answer_stays() -> None:
    overrides = [
        override(Answer.MET, "名刺を頂いた", 2),
        override(Answer.NOT_MET, "配信停止の連絡", 1),
    ]
    readiness = judge(replace(READY, consent=None), ReadinessPolicy(), TODAY, overrides)
    consent = readiness.judgements[list(Criterion).index(Criterion.CONSENT)]
    assert (consent.answer, consent.in_force) == (Answer.UNKNOWN, Answer.MET)
    assert consent.override == overrides[0]
    assert readiness.ready


def test_an_override_without_a_reason_is_refused() -> None:
    with pytest.raises(DomainError, match="say why consent is met") as refused:
        override(Answer.MET, "  ", 1)
    assert (refused.value.field, refused.value.code) == ("reason", "reason_missing")
