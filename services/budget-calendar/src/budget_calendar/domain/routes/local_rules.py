"""A municipality's own contract rules, where they differ from law and practice.

Amounts are yen of the estimated price (予定価格), consumption tax included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from budget_calendar.domain.goals import MOST_YEARS, ContractCategory
from budget_calendar.domain.money import require_yen
from kakehashi_common.domain.errors import DomainError, require_source


@dataclass(frozen=True, slots=True)
class SmallContractCeilings:
    """A municipality's ceilings (契約規則, 財務規則) for contracts without competition.

    Raises:
        DomainError: an amount is below 0, or there is no source.
    """

    works: int
    purchase: int
    lease: int
    services: int
    valid_from: date
    source: str

    def __post_init__(self) -> None:
        for category in ContractCategory:
            require_yen(self.of(category), category.value)
        require_source(self.source)

    def of(self, category: ContractCategory) -> int:
        """The ceiling for that category in yen."""
        return {
            ContractCategory.WORKS: self.works,
            ContractCategory.PURCHASE: self.purchase,
            ContractCategory.LEASE: self.lease,
            ContractCategory.SERVICES: self.services,
        }[category]


@dataclass(frozen=True, slots=True)
class CouncilVotes:
    """From which price the council votes on a contract, by ordinance (議決に付すべき契約の条例).

    Raises:
        DomainError: an amount is below 0, or there is no source.
    """

    works: int
    purchase: int
    source: str

    def __post_init__(self) -> None:
        require_yen(self.works, "works")
        require_yen(self.purchase, "purchase")
        require_source(self.source)

    @property
    def amounts(self) -> Mapping[ContractCategory, int]:
        """By category; no price of the others needs a vote."""
        return {ContractCategory.WORKS: self.works, ContractCategory.PURCHASE: self.purchase}


@dataclass(frozen=True, slots=True)
class LocalRules:
    """A municipality's own rules.

    Raises:
        DomainError: a term is not 1–10 years, or two ceilings are valid from the same day.
    """

    ceilings: tuple[SmallContractCeilings, ...] = ()
    """The newest one that is valid on a day counts; none: what the law allows."""
    long_term_years: int = 5
    """The longest 長期継続契約 its ordinance allows; 5, 7 and 10 years are seen (published)."""
    council_votes: CouncilVotes | None = None
    """``None``: from the price that the law sets."""

    def __post_init__(self) -> None:
        if not 1 <= self.long_term_years <= MOST_YEARS:
            raise DomainError(
                f"long_term_years must be 1–{MOST_YEARS}, not {self.long_term_years}",
                field="long_term_years",
                code="years_out_of_range",
            )
        days = [each.valid_from for each in self.ceilings]
        for position, day in enumerate(days):
            if day in days[:position]:
                raise DomainError(
                    f"two ceilings are valid from {day}",
                    field=f"ceilings/{position}/valid_from",
                    code="given_twice",
                )

    def ceilings_on(self, day: date) -> SmallContractCeilings | None:
        """Return the ceilings in force on a day."""
        begun = (each for each in self.ceilings if each.valid_from <= day)
        return max(begun, key=lambda each: each.valid_from, default=None)
