"""Reasons for rejecting a handoff, and their consequences."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Consequence(StrEnum):
    """The consequence of a rejection."""

    RECYCLE = "recycle"
    """Back to nurturing until a day or a budget phase; then it is assigned again."""
    RETURN = "return"
    """Back to the sender, who supplies the facts that are named."""
    DISQUALIFY = "disqualify"
    """The end: nothing is to be sold here."""
    REASSIGN = "reassign"
    """To somebody else."""


class RejectionReason(StrEnum):
    """The declared reasons."""

    TOO_EARLY = "too_early"
    NO_BUDGET_YET = "no_budget_yet"
    UNDER_CONTRACT = "under_contract"
    DECISION_MAKER_NOT_REACHED = "decision_maker_not_reached"
    FACTS_MISSING = "facts_missing"
    NO_NEED = "no_need"
    NOT_A_BUYER = "not_a_buyer"
    COMPETITOR_CHOSEN = "competitor_chosen"
    DUPLICATE = "duplicate"
    WRONG_TERRITORY = "wrong_territory"
    SKILL_MISSING = "skill_missing"
    NO_CAPACITY = "no_capacity"


@dataclass(frozen=True, slots=True)
class ReasonTerms:
    """The consequence and the name of a reason."""

    consequence: Consequence
    label: str
    """In Japanese."""


REASONS: Final[Mapping[RejectionReason, ReasonTerms]] = {
    RejectionReason.TOO_EARLY: ReasonTerms(Consequence.RECYCLE, "時期尚早"),
    RejectionReason.NO_BUDGET_YET: ReasonTerms(Consequence.RECYCLE, "予算化前"),
    RejectionReason.UNDER_CONTRACT: ReasonTerms(Consequence.RECYCLE, "他社と契約期間中"),
    RejectionReason.DECISION_MAKER_NOT_REACHED: ReasonTerms(Consequence.RECYCLE, "決裁者と未接触"),
    RejectionReason.FACTS_MISSING: ReasonTerms(Consequence.RETURN, "情報不足"),
    RejectionReason.NO_NEED: ReasonTerms(Consequence.DISQUALIFY, "ニーズなし"),
    RejectionReason.NOT_A_BUYER: ReasonTerms(Consequence.DISQUALIFY, "営業対象外"),
    RejectionReason.COMPETITOR_CHOSEN: ReasonTerms(Consequence.DISQUALIFY, "他社に決定済み"),
    RejectionReason.DUPLICATE: ReasonTerms(Consequence.DISQUALIFY, "重複"),
    RejectionReason.WRONG_TERRITORY: ReasonTerms(Consequence.REASSIGN, "担当地域外"),
    RejectionReason.SKILL_MISSING: ReasonTerms(Consequence.REASSIGN, "専門分野が異なる"),
    RejectionReason.NO_CAPACITY: ReasonTerms(Consequence.REASSIGN, "対応の余力なし"),
}


def consequence_of(reason: RejectionReason) -> Consequence:
    """Return the consequence of a reason."""
    return REASONS[reason].consequence
