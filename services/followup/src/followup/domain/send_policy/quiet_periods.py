"""Times of the year in which nothing is sent to a municipality."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from kakehashi_common.domain.reasons import ReasonKind


class QuietCause(StrEnum):
    """The reason for sending nothing."""

    TRANSFERS = "transfers"
    """人事異動: notices about 10–25 March, effective on 1 April (common practice)."""
    COUNCIL = "council"
    """議会会期中: the offices answer the assembly (common practice)."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class QuietPeriod:
    """From ``first`` to ``last``, days in Japan, both included."""

    cause: QuietCause
    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a quiet period ends on {self.last}, before {self.first}")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class YearlyPeriod:
    """The same days of each year, as month and day; over the turn of the year too.

    Raises:
        ValueError: a day doesn't exist in every year.
    """

    cause: QuietCause
    first: tuple[int, int]
    last: tuple[int, int]

    def __post_init__(self) -> None:
        for month, day in (self.first, self.last):
            date(2001, month, day)  # a year without 29 February

    def period_on(self, day: date) -> QuietPeriod | None:
        """Return the period that ``day`` lies in, if any."""
        turns = self.last < self.first
        for year in (day.year - 1, day.year) if turns else (day.year,):
            found = QuietPeriod(self.cause, date(year, *self.first), date(year + turns, *self.last))
            if day in found:
                return found
        return None


TRANSFERS: Final = YearlyPeriod(QuietCause.TRANSFERS, (3, 10), (3, 31))
"""Around the transfers of 1 April (common practice)."""

_SESSION: Final = frozenset({QuietCause.COUNCIL})
_TRANSFERS: Final = frozenset({QuietCause.TRANSFERS})
_BOTH: Final = _SESSION | _TRANSFERS

MEANT_FOR: Final[Mapping[str, frozenset[QuietCause]]] = {
    ReasonKind.BEFORE_DELIBERATION: _BOTH,
    ReasonKind.COUNCIL_QUESTION: _SESSION,
    ReasonKind.ASSESSMENT_UNDER_WAY: _SESSION,
    ReasonKind.SUPPORT_RESTORATION: _SESSION,
    ReasonKind.PREPARE_CONTRACT: _TRANSFERS,
    ReasonKind.LEAVE_HANDOVER: _BOTH,
    ReasonKind.PERSONNEL_NOTICE: _BOTH,
}
"""The quiet periods that what follows from a reason is meant for: papers for the deliberation,
quick answers during the assessment, which the December session overlaps, the plan of an
introduction between the vote of the budget in March and 1 April, and a leaver's handover paper,
which is of no use in April (common practice)."""
