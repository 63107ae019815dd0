"""The Japanese names of a handoff's terms."""

from collections.abc import Iterable, Mapping
from typing import Final

from handoff.domain.assignment.choice import Basis
from handoff.domain.assignment.eligibility import Exclusion
from handoff.domain.handoff.terms import (
    ClockName,
    Direction,
    Level,
    Outcome,
    PauseReason,
    ReassignReason,
)
from handoff.domain.packet.fields import FIELDS
from handoff.domain.readiness import Answer, Criterion
from handoff.domain.teams.members import Function, Role

CLOCKS: Final[Mapping[ClockName, str]] = {
    ClockName.RESPOND: "リードへの初回回答",
    ClockName.ASSIGN: "担当者の割り当て",
    ClockName.ACCEPT: "受諾回答",
    ClockName.CONTACT: "初回連絡",
    ClockName.MEET: "初回面談",
    ClockName.SUPPLEMENT: "不足情報の補足",
}

EXCLUSIONS: Final[Mapping[Exclusion, str]] = {
    Exclusion.LEFT: "退職・異動",
    Exclusion.OTHER_ROLE: "役割が異なる",
    Exclusion.OTHER_TEAM: "担当地域外",
    Exclusion.SKILL_MISSING: "専門分野がない",
    Exclusion.ABSENT: "不在",
    Exclusion.AT_CAPACITY: "担当件数が上限",
    Exclusion.HAD_IT_BEFORE: "一度担当済み",
}

BASES: Final[Mapping[Basis | None, str]] = {
    Basis.RELATION: "自治体の既存担当",
    Basis.ROTATION: "順番",
    None: "指名",
}

FUNCTIONS: Final[Mapping[Function, str]] = {
    Function.POLICY_PROPOSAL: "政策提案",
    Function.FINANCE_NEGOTIATION: "財政折衝",
    Function.COUNCIL_LIAISON: "議会対応",
}

LEVELS: Final[Mapping[Level, str]] = {
    Level.REMINDER: "担当者",
    Level.LEAD: "チームリーダー",
    Level.MANAGER: "マネージャー",
}

OUTCOMES: Final[Mapping[Outcome, str]] = {
    Outcome.WON: "受注",
    Outcome.LOST: "失注",
    Outcome.NO_DECISION: "見送り",
}

PAUSES: Final[Mapping[PauseReason, str]] = {
    PauseReason.CUSTOMER_ASKED: "先方の都合",
    PauseReason.COUNCIL_SESSION: "議会会期中",
    PauseReason.PERSONNEL_CHANGE: "人事異動",
    PauseReason.DISASTER: "災害対応",
    PauseReason.INTERNAL: "社内の事情",
}

REASSIGNMENTS: Final[Mapping[ReassignReason, str]] = {
    ReassignReason.DECIDED: "責任者の判断",
    ReassignReason.MEMBER_LEFT: "退職・異動",
    ReassignReason.MEMBER_ABSENT: "不在",
    ReassignReason.NOT_ACCEPTED: "期限内に回答なし",
    ReassignReason.REJECTED: "担当外との回答",
}

RATINGS: Final[Mapping[Direction, str]] = {
    Direction.SENDER_RATES_RECEIVER: "引き継ぎ元から引き継ぎ先への評価",
    Direction.RECEIVER_RATES_SENDER: "引き継ぎ先から引き継ぎ元への評価",
}

CRITERIA: Final[Mapping[Criterion, str]] = {
    Criterion.GRADE: "評価",
    Criterion.PEOPLE: "関わっている人数",
    Criterion.DECISION_ROLES: "意思決定に関わる人",
    Criterion.BUDGET_PHASE: "予算編成の段階",
    Criterion.DEADLINE: "次の締切",
    Criterion.RECENT_CONTACT: "直近の接触",
    Criterion.CONSENT: "連絡の同意",
    Criterion.REQUIRED_FIELDS: "必須項目の入力",
}

ANSWERS: Final[Mapping[Answer, str]] = {
    Answer.MET: "充足",
    Answer.NOT_MET: "未充足",
    Answer.UNKNOWN: "不明",
}

ROLES: Final[Mapping[Role, str]] = {
    Role.SALES_DEVELOPMENT: "SDR",
    Role.INSIDE_SALES: "インサイドセールス",
    Role.FIELD_SALES: "フィールドセールス",
    Role.CUSTOMER_SUCCESS: "カスタマーサクセス",
}


def fact_names(facts: Iterable[str]) -> str:
    """Name facts that are missing: the packet's fields as printed, the rest as it was written."""
    return "、".join(FIELDS[fact].label if fact in FIELDS else fact for fact in facts)
