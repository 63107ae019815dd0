"""Subsidies (補助金・交付金): which fit, and what remains for the municipality to pay."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from budget_calendar.domain.money import require_yen
from budget_calendar.domain.municipality import Municipality, MunicipalityType
from budget_calendar.domain.windows import Window
from kakehashi_common.domain.errors import DomainError

GRANT_UNIT: Final = 1_000
"""Yen: guidelines round the grant down to whole 1,000 yen (common practice, 千円未満切捨て)."""


@dataclass(frozen=True, slots=True)
class OwnShare:
    """Who pays what of an amount, in yen; the two add up to it."""

    grant: int
    own: int
    """一般財源 or local bonds: needs a budget of the municipality."""


@dataclass(frozen=True, slots=True)
class Subsidy:
    """One programme of a ministry or prefecture in one round.

    Raises:
        DomainError: a value breaks its rule; the field is named.
    """

    id: str
    name: str
    ministry: str
    rate: Fraction
    """Share of the eligible cost, above 0 and at most 1: 1/2, 2/3, 3/4."""
    cap: int | None
    """The highest grant in yen; ``None``: none is set."""
    eligible_types: frozenset[MunicipalityType]
    """Empty: all types."""
    policy_areas: frozenset[str]
    """Empty: all areas."""
    call_opens: date
    call_closes: date
    """The last day for applications."""
    consultation: Window | None
    """事前相談 with the ministry or prefecture."""
    decision: Window
    """交付決定: work that begins before it is generally not eligible (common practice)."""
    completed_by: date
    """The day by which the funded work must be done."""
    source: str

    def __post_init__(self) -> None:
        for field in ("id", "name", "ministry", "source"):
            if not getattr(self, field).strip():
                raise DomainError(f"{field} is empty", field=field, code="empty")
        if not 0 < self.rate <= 1:
            raise DomainError(
                f"rate must be above 0 and at most 1, such as 1/2, not {self.rate}",
                field="rate",
                code="rate_out_of_range",
            )
        if self.cap is not None:
            require_yen(self.cap, "cap", least=1)
        if self.call_closes < self.call_opens:
            raise DomainError(
                f"call_closes {self.call_closes} lies before call_opens {self.call_opens}",
                field="call_closes",
                code="end_before_start",
            )
        if self.decision.latest < self.call_closes:
            raise DomainError(
                f"decision {self.decision.latest} lies before call_closes {self.call_closes}",
                field="decision",
                code="end_before_start",
            )
        if self.completed_by <= self.decision.earliest:
            raise DomainError(
                f"completed_by {self.completed_by} must lie after decision "
                f"{self.decision.earliest}: work before it is not eligible",
                field="completed_by",
                code="end_before_start",
            )

    def fits(self, municipality: Municipality, policy_area: str) -> bool:
        """Whether that municipality may apply for that policy area."""
        return self.is_for(municipality.type, policy_area)

    def is_for(self, kind: MunicipalityType | None, policy_area: str | None) -> bool:
        """Whether that type may apply for that area; ``None`` stands for any."""
        return (kind is None or not self.eligible_types or kind in self.eligible_types) and (
            policy_area is None or not self.policy_areas or policy_area in self.policy_areas
        )

    def own_share(self, amount: int, years: int = 1) -> OwnShare:
        """Grant and own share of an amount in yen, all of it taken as eligible.

        The grant is rate × amount, rounded down to whole 1,000 yen, at most the cap. Of a contract
        of several years one year's part is eligible: the work must be done by ``completed_by``.

        Raises:
            DomainError: the amount is below 0.
        """
        require_yen(amount, "amount")
        grant = int(self.rate * amount / years) // GRANT_UNIT * GRANT_UNIT
        if self.cap is not None:
            grant = min(grant, self.cap)
        return OwnShare(grant=grant, own=amount - grant)


def match(
    subsidies: Iterable[Subsidy], municipality: Municipality, policy_area: str, when: date
) -> tuple[Subsidy, ...]:
    """Return matching subsidies open for applications on a day, the next to close first."""
    fitting = (s for s in subsidies if s.fits(municipality, policy_area) and when <= s.call_closes)
    return tuple(sorted(fitting, key=lambda s: (s.call_closes, s.id)))
