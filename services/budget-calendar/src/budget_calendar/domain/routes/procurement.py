"""Procurement after the budget: ceilings, votes, thresholds, durations.

Amounts are yen of the estimated price (予定価格), consumption tax included. What a municipality's
own rules set goes before what the law allows: see :class:`.local_rules.LocalRules`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from budget_calendar.domain.goals import ContractCategory
from budget_calendar.domain.money import in_words, require_yen
from budget_calendar.domain.municipality import MunicipalityType
from budget_calendar.domain.routes.local_rules import LocalRules
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.texts import Text

_WORKS = ContractCategory.WORKS
_PURCHASE = ContractCategory.PURCHASE
_LEASE = ContractCategory.LEASE
_SERVICES = ContractCategory.SERVICES

CEILINGS_RAISED_ON: Final = date(2025, 4, 1)
"""地方自治法施行令の一部を改正する政令 (令和7年政令94号)."""

CEILINGS_SOURCE: Final = "地方自治法施行令167条の2第1項1号・別表第五"

_LARGE_NOW: Final = {
    _WORKS: 4_000_000,
    _PURCHASE: 3_000_000,
    _LEASE: 1_500_000,
    _SERVICES: 2_000_000,
}
_LARGE_BEFORE: Final = {
    _WORKS: 2_500_000,
    _PURCHASE: 1_600_000,
    _LEASE: 800_000,
    _SERVICES: 1_000_000,
}
_OTHER_NOW: Final = {
    _WORKS: 2_000_000,
    _PURCHASE: 1_500_000,
    _LEASE: 800_000,
    _SERVICES: 1_000_000,
}
_OTHER_BEFORE: Final = {
    _WORKS: 1_300_000,
    _PURCHASE: 800_000,
    _LEASE: 400_000,
    _SERVICES: 500_000,
}

WORKS_VOTE_SOURCE: Final = "地方自治法96条1項5号・同法施行令別表第三"
PURCHASE_VOTE_SOURCE: Final = "地方自治法96条1項8号・同法施行令別表第四"

TREATY_SOURCE: Final = (
    "地方公共団体の物品等又は特定役務の調達手続の特例を定める政令 (平成7年政令372号); "
    "https://www.mofa.go.jp/mofaj/annai/shocho/chotatsu/kijyungaku2026.html"
)
_TREATY: Final = (
    (date(2024, 4, 1), date(2026, 3, 31), 36_000_000, 2_720_000_000),
    (date(2026, 4, 1), date(2028, 3, 31), 40_000_000, 3_020_000_000),
)
"""First and last day, threshold of goods and services, of works. Set again every two years."""

COMMON_PRACTICE: Final = "common practice"


@dataclass(frozen=True, slots=True)
class Threshold:
    """An amount in yen and the rule that sets it."""

    amount: int
    source: str


def small_contract_ceiling(
    kind: MunicipalityType, category: ContractCategory, on: date, local: LocalRules | None = None
) -> Threshold:
    """The highest estimated price for a contract without competition (少額随意契約) on that day.

    For a lease it is compared with the yearly or the total rent, as the municipality's rule says.
    """
    own = local.ceilings_on(on) if local else None
    if own:
        return Threshold(own.of(category), own.source)
    return highest_ceiling(kind, category, on)


def highest_ceiling(kind: MunicipalityType, category: ContractCategory, on: date) -> Threshold:
    """Return the highest ceiling that contract rules may set (施行令167条の2第1項1号)."""
    raised = on >= CEILINGS_RAISED_ON
    if kind.as_prefecture:
        table = _LARGE_NOW if raised else _LARGE_BEFORE
    else:
        table = _OTHER_NOW if raised else _OTHER_BEFORE
    return Threshold(table[category], CEILINGS_SOURCE)


def council_vote_threshold(
    kind: MunicipalityType, category: ContractCategory, local: LocalRules | None = None
) -> Threshold | None:
    """From which estimated price the council must vote on the contract itself.

    ``None`` where no vote is needed at any price: services and leases. Special wards follow the
    rule for cities (283条). An ordinance may set a higher amount, never a lower one.
    """
    own = local.council_votes if local else None
    if own and category in own.amounts:
        return Threshold(own.amounts[category], own.source)
    of_kind = {
        MunicipalityType.PREFECTURE: (500_000_000, 70_000_000),
        MunicipalityType.DESIGNATED_CITY: (300_000_000, 40_000_000),
        MunicipalityType.TOWN: (50_000_000, 7_000_000),
        MunicipalityType.VILLAGE: (50_000_000, 7_000_000),
    }
    works, purchase = of_kind.get(kind, (150_000_000, 20_000_000))
    if category is _WORKS:
        return Threshold(works, WORKS_VOTE_SOURCE)
    if category is _PURCHASE:
        return Threshold(purchase, PURCHASE_VOTE_SOURCE)
    return None


def treaty_threshold(
    kind: MunicipalityType, category: ContractCategory, on: date
) -> Threshold | None:
    """From which price the WTO agreement on government procurement applies on that day.

    ``None`` for municipalities it doesn't bind (all but prefectures and designated cities) and
    for days whose threshold isn't published. Engineering services have a higher one of their own,
    which aren't distinguished here.
    """
    if not kind.as_prefecture:
        return None
    for first, last, goods_and_services, works in _TREATY:
        if first <= on <= last:
            return Threshold(works if category is _WORKS else goods_and_services, TREATY_SOURCE)
    return None


class Award(StrEnum):
    """The form of award."""

    SMALL_CONTRACT = "small_contract"
    """少額随意契約: quotes are compared, no competition."""
    PROPOSAL = "proposal"
    """公募型プロポーザル."""
    BID = "bid"
    """一般競争入札."""
    TREATY_BID = "treaty_bid"
    """一般競争入札 under the WTO agreement: notice at least 40 days before (特例政令6条)."""


AWARD_DAYS: Final = {
    Award.SMALL_CONTRACT: (7, 14, 30),
    Award.PROPOSAL: (60, 75, 90),
    Award.BID: (30, 45, 60),
    Award.TREATY_BID: (60, 80, 100),
}
"""Days from notice to contract: at least, likely, at most (common practice)."""


@dataclass(frozen=True, slots=True)
class ContractPlan:
    """Which contract follows."""

    award: Award
    days: tuple[int, int, int]
    """From notice to contract: at least, likely, at most."""
    council_vote: bool
    """Whether the council votes on the contract itself (仮契約 until then)."""
    text: Text
    sources: tuple[str, ...]


def contract_after(
    kind: MunicipalityType,
    category: ContractCategory,
    amount: int,
    on: date,
    local: LocalRules | None = None,
) -> ContractPlan:
    """The contract that a municipality would usually conclude for that amount on that day.

    Raises:
        DomainError: the amount is below 0.
    """
    require_yen(amount, "amount")
    ceiling = small_contract_ceiling(kind, category, on, local)
    treaty = treaty_threshold(kind, category, on)
    vote = council_vote_threshold(kind, category, local)
    sources = [ceiling.source]
    if amount <= ceiling.amount:
        limit = in_words(ceiling.amount)
        award = Award.SMALL_CONTRACT
        text = Text(
            ja=f"少額随意契約（上限{limit.ja}）。見積合わせで足ります。",
            en=f"A small contract without competition (up to {limit.en}): quotes are compared.",
        )
    elif treaty and amount >= treaty.amount:
        sources = [treaty.source]
        award = Award.TREATY_BID
        text = Text(
            ja="政府調達協定の対象となる一般競争入札。入札期日の40日前までに公告されます。",
            en="An open bid under the WTO agreement, announced at least 40 days ahead.",
        )
    elif category is _SERVICES:
        sources = [COMMON_PRACTICE]
        award = Award.PROPOSAL
        text = Text(
            ja="公募型プロポーザル。公告から提案まで3〜6週間、契約まで2〜3か月です。",
            en="A public call for proposals: 3–6 weeks to the proposal, 2–3 months to the "
            "contract.",
        )
    else:
        sources = ["地方自治法234条2項"]
        award = Award.BID
        text = Text(
            ja="一般競争入札。入札参加資格の有効期限を確認してください。",
            en="An open bid: check that the bid qualification is valid.",
        )
    needs_vote = vote is not None and amount >= vote.amount
    if vote and needs_vote:
        sources.append(vote.source)
        text = Text(
            ja=f"{text.ja}契約そのものに議会の議決が必要です（仮契約のあと議決）。",
            en=f"{text.en} The council also votes on the contract itself.",
        )
    return ContractPlan(award, AWARD_DAYS[award], needs_vote, text, tuple(sources))


def checked_rules(rules: LocalRules, kind: MunicipalityType) -> LocalRules:
    """The rules, if a municipality of that kind can have set them.

    Raises:
        DomainError: a ceiling is above what the law allows on its first day
            (``above_legal_ceiling``), or the council would vote on contracts below the price that
            the law sets (``below_legal_threshold``).
    """
    for position, ceilings in enumerate(rules.ceilings):
        for category in ContractCategory:
            most = highest_ceiling(kind, category, ceilings.valid_from)
            if ceilings.of(category) > most.amount:
                raise DomainError(
                    f"{ceilings.of(category)} yen is more than the {most.amount} that {most.source}"
                    f" allows from {ceilings.valid_from}",
                    field=f"ceilings/{position}/{category}",
                    code="above_legal_ceiling",
                )
    votes = rules.council_votes
    for category, own in votes.amounts.items() if votes else ():
        least = council_vote_threshold(kind, category)
        if least and own < least.amount:
            raise DomainError(
                f"{own} yen is less than the {least.amount} that {least.source} sets",
                field=f"council_votes/{category}",
                code="below_legal_threshold",
            )
    return rules
