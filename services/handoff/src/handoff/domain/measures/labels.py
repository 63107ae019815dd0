"""The Japanese names of what is measured."""

from collections.abc import Mapping
from typing import Final

from handoff.domain.handoff.labels import OUTCOMES
from handoff.domain.handoff.rejections import REASONS
from handoff.domain.handoff.terms import Status
from handoff.domain.measures.rounds import WITHDRAWN, Step

STEPS: Final[Mapping[Step, str]] = {
    Step.REQUESTED: "依頼",
    Step.ASSIGNED: "割り当て",
    Step.ACCEPTED: "受諾",
    Step.CONTACTED: "初回連絡",
    Step.MET: "初回面談",
    Step.WON: "受注",
}

STATUSES: Final[Mapping[Status, str]] = {
    Status.REQUESTED: "割り当て待ち",
    Status.UNASSIGNED: "担当者なし",
    Status.ASSIGNED: "受諾回答待ち",
    Status.ACCEPTED: "初回連絡待ち",
    Status.CONTACTED: "初回面談待ち",
    Status.MET: "商談中",
    Status.RECYCLED: "再アプローチ待ち",
    Status.RETURNED: "差し戻し中",
    Status.DISQUALIFIED: "対象外",
    Status.CLOSED: "完了",
    Status.WITHDRAWN: "取り下げ",
}

LOSSES: Final[Mapping[str, str]] = {
    **{reason: terms.label for reason, terms in REASONS.items()},
    **dict[str, str](OUTCOMES.items()),
    WITHDRAWN: "取り下げ",
}
"""Reasons for which rounds were lost."""
