"""Readiness: whether a lead is ready to be handed over, by named criteria and their evidence."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.budget_phases import BUDGET_PHASES_JA
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.proportions import Proportion


class Criterion(StrEnum):
    """The criteria of readiness."""

    GRADE = "grade"
    PEOPLE = "people"
    DECISION_ROLES = "decision_roles"
    BUDGET_PHASE = "budget_phase"
    DEADLINE = "deadline"
    RECENT_CONTACT = "recent_contact"
    CONSENT = "consent"
    REQUIRED_FIELDS = "required_fields"


class Answer(StrEnum):
    """Whether a criterion is met. Unknown is an answer of its own and never means no."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts about a lead by which it is judged; ``None`` is unknown."""

    grade: str | None = None
    people: int | None = None
    """People of the municipality who were active in the last 90 days."""
    decision_roles: frozenset[str] | None = None
    """Their parts in the decision: officer, manager, finance, head, council."""
    budget_phase: str | None = None
    next_deadline: date | None = None
    last_contact_on: date | None = None
    consent: bool | None = None
    """Whether there is a ground for writing to the contact (特定電子メール法3条)."""
    missing_fields: tuple[str, ...] | None = None
    """Required fields of the packet that are empty."""


@dataclass(frozen=True, slots=True)
class ReadinessPolicy:
    """The conditions of each criterion. Common practice, adjustable."""

    grades: frozenset[str] = frozenset({"A1", "A2", "B1"})
    least_people: int = 2
    decision_roles: frozenset[str] = frozenset({"manager", "finance", "head"})
    """One of them has to be involved."""
    budget_phases: frozenset[str] = frozenset(
        {"information_gathering", "summer_review", "budget_policy", "department_requests"}
    )
    """Phases in which a seller can still influence the budget."""
    least_days_to_deadline: int = 14
    contact_within_days: int = 30


@dataclass(frozen=True, slots=True)
class Override:
    """A person's answer instead of the computed one, with the reason."""

    criterion: Criterion
    answer: Answer
    reason: str
    by: str
    at: datetime

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise DomainError(
                f"say why {self.criterion.value} is {self.answer.value}",
                field="reason",
                code="reason_missing",
            )


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer to one criterion, and the evidence for it."""

    criterion: Criterion
    answer: Answer
    evidence: str
    """The facts behind the answer, in Japanese."""
    override: Override | None = None
    """In force instead of ``answer``, which stays to be compared with the outcome later."""

    @property
    def in_force(self) -> Answer:
        """The answer that counts."""
        return self.answer if self.override is None else self.override.answer


@dataclass(frozen=True, slots=True)
class Readiness:
    """All criteria of one lead, in a fixed order."""

    judgements: tuple[Judgement, ...]

    @property
    def ready(self) -> bool:
        """Whether every criterion is met."""
        return all(each.in_force is Answer.MET for each in self.judgements)

    def open(self) -> tuple[Criterion, ...]:
        """Return the criteria that are not met or unknown."""
        return tuple(each.criterion for each in self.judgements if each.in_force is not Answer.MET)


def judge(
    facts: Facts, policy: ReadinessPolicy, today: date, overrides: Iterable[Override] = ()
) -> Readiness:
    """Judge a lead by every criterion.

    Args:
        facts: what is known of it.
        policy: when a criterion is met.
        today: the day in Japan.
        overrides: in force; of several for one criterion the newest counts.
    """
    newest: Mapping[Criterion, Override] = {
        each.criterion: each for each in sorted(overrides, key=lambda each: each.at)
    }
    return Readiness(
        tuple(
            replace(
                Judgement(criterion, *rule(facts, policy, today)), override=newest.get(criterion)
            )
            for criterion, rule in _RULES.items()
        )
    )


@dataclass(frozen=True, slots=True)
class Case:
    """One handoff: the answers to each criterion when it was requested, and the outcome."""

    criteria: Mapping[Criterion, tuple[Answer, Answer]]
    """The answer as computed, and the one in force, which a person may have overridden."""
    accepted: bool | None
    """``None``: not answered yet."""
    won: bool | None
    """``None``: the deal has no outcome yet."""


@dataclass(frozen=True, slots=True)
class CriterionOutcome:
    """The outcomes of handoffs for which a criterion had the same answer."""

    criterion: Criterion
    answer: Answer
    """As computed."""
    in_force: Answer
    """Another one: a person overrode it."""
    accepted: Proportion
    won: Proportion


def outcomes_by_criterion(cases: Iterable[Case]) -> tuple[CriterionOutcome, ...]:
    """Compare each criterion's answers with acceptance and win, in a fixed order.

    Compare the answers of one criterion with each other: a criterion that tells nothing has about
    the same rate whether it is met or not.
    """
    groups: dict[tuple[Criterion, Answer, Answer], list[Case]] = {}
    for case in cases:
        for criterion, answers in case.criteria.items():
            groups.setdefault((criterion, *answers), []).append(case)
    order = {each: number for number, each in enumerate((*Criterion, *Answer))}
    return tuple(
        CriterionOutcome(
            *group,
            accepted=_share(case.accepted for case in found),
            won=_share(case.won for case in found),
        )
        for group, found in sorted(groups.items(), key=lambda item: [order[x] for x in item[0]])
    )


def _share(answers: Iterable[bool | None]) -> Proportion:
    known = [each for each in answers if each is not None]
    return Proportion(sum(known), len(known))


_Judged = tuple[Answer, str]


def _answer(*, met: bool) -> Answer:
    return Answer.MET if met else Answer.NOT_MET


def _grade(facts: Facts, policy: ReadinessPolicy, _: date) -> _Judged:
    if facts.grade is None:
        return Answer.UNKNOWN, "スコアがまだありません"
    wanted = "・".join(sorted(policy.grades))
    return _answer(met=facts.grade in policy.grades), f"評価 {facts.grade}（基準は {wanted}）"


def _people(facts: Facts, policy: ReadinessPolicy, _: date) -> _Judged:
    if facts.people is None:
        return Answer.UNKNOWN, "関わっている人数が分かりません"
    return (
        _answer(met=facts.people >= policy.least_people),
        f"直近90日に動きのあった人は {facts.people} 人（基準は {policy.least_people} 人以上）",
    )


def _decision_roles(facts: Facts, policy: ReadinessPolicy, _: date) -> _Judged:
    if facts.decision_roles is None:
        return Answer.UNKNOWN, "関わっている人の立場が分かりません"
    involved = "・".join(_names(facts.decision_roles)) or "なし"
    wanted = "・".join(_names(policy.decision_roles))
    return (
        _answer(met=bool(facts.decision_roles & policy.decision_roles)),
        f"関わっている立場は {involved}（{wanted}のいずれかが必要）",
    )


def _budget_phase(facts: Facts, policy: ReadinessPolicy, _: date) -> _Judged:
    if facts.budget_phase is None:
        return Answer.UNKNOWN, "予算編成の段階が分かりません"
    return (
        _answer(met=facts.budget_phase in policy.budget_phases),
        f"予算編成の段階は {BUDGET_PHASES_JA.get(facts.budget_phase, facts.budget_phase)}",
    )


def _deadline(facts: Facts, policy: ReadinessPolicy, today: date) -> _Judged:
    if facts.next_deadline is None:
        return Answer.UNKNOWN, "次の締切が分かりません"
    days = (facts.next_deadline - today).days
    when = f"次の締切 {facts.next_deadline.isoformat()}"
    left = f"まで {days} 日" if days >= 0 else f"は {-days} 日前に過ぎました"
    return (
        _answer(met=days >= policy.least_days_to_deadline),
        f"{when} {left}（基準は {policy.least_days_to_deadline} 日以上）",
    )


def _recent_contact(facts: Facts, policy: ReadinessPolicy, today: date) -> _Judged:
    if facts.last_contact_on is None:
        return Answer.UNKNOWN, "接触の記録がありません"
    days = (today - facts.last_contact_on).days
    when = f"最後の接触は {facts.last_contact_on.isoformat()}、{days} 日前"
    return (
        _answer(met=days <= policy.contact_within_days),
        f"{when}（基準は {policy.contact_within_days} 日以内）",
    )


def _consent(facts: Facts, _: ReadinessPolicy, __: date) -> _Judged:
    if facts.consent is None:
        return Answer.UNKNOWN, "連絡の同意を確認できていません"
    return _answer(met=facts.consent), "連絡の同意あり" if facts.consent else "連絡の同意なし"


def _required_fields(facts: Facts, _: ReadinessPolicy, __: date) -> _Judged:
    if facts.missing_fields is None:
        return Answer.UNKNOWN, "引き継ぎ票がまだありません"
    if not facts.missing_fields:
        return Answer.MET, "必須項目はすべて入力済み"
    return Answer.NOT_MET, f"未入力の必須項目: {'、'.join(facts.missing_fields)}"


def _names(roles: Iterable[str]) -> list[str]:
    return [_ROLE_NAMES.get(role, role) for role in sorted(roles)]


_ROLE_NAMES: Final[Mapping[str, str]] = {
    "officer": "担当者",
    "manager": "管理職",
    "finance": "財政担当",
    "head": "首長・副首長",
    "council": "議員",
}

_RULES: Final[Mapping[Criterion, Callable[[Facts, ReadinessPolicy, date], _Judged]]] = {
    Criterion.GRADE: _grade,
    Criterion.PEOPLE: _people,
    Criterion.DECISION_ROLES: _decision_roles,
    Criterion.BUDGET_PHASE: _budget_phase,
    Criterion.DEADLINE: _deadline,
    Criterion.RECENT_CONTACT: _recent_contact,
    Criterion.CONSENT: _consent,
    Criterion.REQUIRED_FIELDS: _required_fields,
}
