"""The goal of a pursuit: an amount of money for a purpose, by a date."""

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from budget_calendar.domain.days import years_later
from budget_calendar.domain.fiscal_years import first_day, fiscal_year_of
from budget_calendar.domain.money import require_yen
from kakehashi_common.domain.errors import DomainError, require_text

MOST_YEARS: Final = 10
"""The longest term that is pursued: ordinances on 長期継続契約 go up to ten years (published)."""

YEARS_AHEAD: Final = 10
"""The furthest wanted start for which calendars are looked at, in years from today."""

_FEWEST: Final = 1
_SLUG: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_LONGEST_DESCRIPTION: Final = 500


class ContractCategory(StrEnum):
    """The kind of contract; decides ceilings, council votes and the form of award."""

    SERVICES = "services"
    """業務委託・役務: all that is none of the others."""
    PURCHASE = "purchase"
    """物品の購入."""
    LEASE = "lease"
    """物件の借入れ."""
    WORKS = "works"
    """工事又は製造の請負."""


@dataclass(frozen=True, slots=True)
class PursuitGoal:
    """The goal of a pursuit.

    Raises:
        DomainError: a value breaks its rule; the field is named.
    """

    policy_area: str
    """Such as ``digital`` or ``welfare``: lower-case letters, digits, ``_``, ``.`` and ``-``."""
    amount: int
    """Yen in total over all years, consumption tax included; above 0."""
    wanted_start: date
    """The day in Japan on which the work should begin."""
    category: ContractCategory
    years: int | None = None
    """The term in years, 1–10, of a multi-year contract; ``None`` for a one-off."""
    description: str = ""
    """A description of at most 500 characters, without personal data."""
    continues_contract: bool = False
    """Whether a running contract is to be renewed. Continuing work stays in a skeleton budget
    (骨格予算), new policy does not."""

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.policy_area):
            raise DomainError(
                f"policy_area {self.policy_area!r} must be 1–64 lower-case letters, digits, "
                "'_', '.' or '-', such as 'digital'",
                field="policy_area",
                code="policy_area_malformed",
            )
        require_yen(self.amount, "amount", least=1)
        if self.years is not None and not _FEWEST <= self.years <= MOST_YEARS:
            raise DomainError(
                f"years must be {_FEWEST}–{MOST_YEARS}, or left out for a one-off, "
                f"not {self.years}",
                field="years",
                code="years_out_of_range",
            )
        require_text(self.description, "description")
        if len(self.description) > _LONGEST_DESCRIPTION:
            raise DomainError(
                f"description must be at most {_LONGEST_DESCRIPTION} characters, "
                f"not {len(self.description)}",
                field="description",
                code="description_too_long",
            )

    @property
    def multi_year(self) -> bool:
        """Whether the contract reaches into a later fiscal year than the one it starts in."""
        return fiscal_year_of(contract_end(self, self.wanted_start)) > self.first_fiscal_year

    @property
    def first_fiscal_year(self) -> int:
        """The fiscal year of the wanted start."""
        return fiscal_year_of(self.wanted_start)


def check_start(goal: PursuitGoal, today: date, field: str = "goal/wanted_start") -> None:
    """Refuse a wanted start that is past, or too far away for any calendar.

    Raises:
        DomainError: it is (``date_in_past``, ``date_too_far``).
    """
    check_day(goal.wanted_start, today, field)


def check_day(day: date, today: date, field: str) -> None:
    """Refuse a day that nobody can plan for.

    Raises:
        DomainError: it is past (``date_in_past``) or too far away (``date_too_far``).
    """
    name = field.rpartition("/")[2]
    if day < today:
        raise DomainError(
            f"{name} {day} lies before today, {today}", field=field, code="date_in_past"
        )
    if day > (last := years_later(today, YEARS_AHEAD)):
        raise DomainError(
            f"{name} {day} is more than {YEARS_AHEAD} years away: {last} at the latest",
            field=field,
            code="date_too_far",
        )


def contract_end(goal: PursuitGoal, starts: date) -> date:
    """The last day of a contract that starts on that day: a one-off ends with its fiscal year."""
    if goal.years is None:
        return first_day(fiscal_year_of(starts) + 1) - timedelta(days=1)
    return years_later(starts, goal.years) - timedelta(days=1)


def successor_goal(goal: PursuitGoal, contract_until: date) -> PursuitGoal:
    """The goal of the pursuit that renews a contract which ends on that day."""
    return replace(goal, wanted_start=contract_until + timedelta(days=1), continues_contract=True)


def successor_begins(contract_until: date) -> date:
    """When the pursuit of the successor has to begin.

    A successor's first year must be in the initial budget of the fiscal year in which it starts;
    that budget is prepared in the year before. Its preparation begins with the gathering of
    information on 1 April, half a year before requests close (common practice).
    """
    return first_day(fiscal_year_of(contract_until + timedelta(days=1)) - 1)
