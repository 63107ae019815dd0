"""Council sessions (議会): as they were held, and as they are expected from those."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from budget_calendar.domain.windows import Estimate
from kakehashi_common.domain.errors import DomainError, errors_within, require_source
from kakehashi_common.domain.texts import Text

_MARCH: Final = 3


class SessionKind(StrEnum):
    """Regular or called."""

    REGULAR = "regular"
    """定例会 (地方自治法102条2項)."""
    EXTRAORDINARY = "extraordinary"
    """臨時会 (102条3項)."""

    @property
    def japanese(self) -> str:
        """Its Japanese name."""
        return "定例会" if self is SessionKind.REGULAR else "臨時会"


class BudgetBillKind(StrEnum):
    """The kind of a budget bill."""

    INITIAL = "initial"
    """当初予算."""
    SUPPLEMENTARY = "supplementary"
    """補正予算."""
    PROVISIONAL = "provisional"
    """暫定予算."""


@dataclass(frozen=True, slots=True)
class BudgetBill:
    """One bill that is a budget."""

    kind: BudgetBillKind
    fiscal_year: int
    account: str
    """会計, such as ``一般会計`` or ``国民健康保険事業特別会計``."""
    number: int | None
    """第n号 of a supplementary budget."""
    decided_by_head: bool
    """専決処分 (179条), reported to the council afterwards."""
    passed: bool
    title: str
    """As published."""


@dataclass(frozen=True, slots=True)
class ObservedSession:
    """One session, as far as it could be read."""

    code: str
    kind: SessionKind
    year: int
    """The calendar year in which the council counts it."""
    number: int
    """第n回 within the year and kind."""
    opens_on: date | None
    """The first day that is known; ``None`` when what was published tells no day that can be the
    opening."""
    last_vote_on: date
    bills: tuple[BudgetBill, ...]
    source: str

    @property
    def label(self) -> str:
        """Its name in Japanese, with the calendar year: ``2026年第3回定例会``."""
        return f"{self.year}年第{self.number}回{self.kind.japanese}"

    @property
    def supplementary_passed(self) -> int:
        """The number of supplementary budgets, of all accounts, that the council itself passed.

        What the head had decided (専決処分) and the council only approved is not among them.
        """
        return sum(
            bill.kind is BudgetBillKind.SUPPLEMENTARY and bill.passed and not bill.decided_by_head
            for bill in self.bills
        )

    @property
    def lacks_initial_budget(self) -> bool:
        """Whether bills are missing for certain: a spring session without its budget.

        The budget of the year to come is voted in the first regular session (地方自治法211条), as
        an initial or a provisional one. Where neither was read, supplementary ones are missing too.
        """
        spring = self.last_vote_on.year == self.year and self.last_vote_on.month <= _MARCH
        return (
            self.kind is SessionKind.REGULAR
            and spring
            and all(bill.kind is BudgetBillKind.SUPPLEMENTARY for bill in self.bills)
        )


@dataclass(frozen=True, slots=True)
class ExpectedBudgets:
    """The expected number of supplementary budgets (補正予算) passed by a coming session.

    From `ObservedSession.supplementary_passed` of earlier sessions, newer ones weighing more;
    sessions of which bills are known to be missing do not count.
    """

    mean: float
    low: int
    high: int
    """``low`` to ``high`` holds at least 80 % of the sessions counted."""
    sessions: int
    """The number of sessions counted."""


@dataclass(frozen=True, slots=True)
class PredictedSession:
    """A regular session (定例会) to come, computed from the council's earlier ones."""

    year: int
    """The calendar year in which the council will count it."""
    number: int
    """Its place in that year, from 1 in spring to 4 in winter."""
    opens: Estimate | None
    """``None`` when too few openings were published to compute one."""
    last_vote: Estimate
    note: Text | None = None
    """A note for readers, such as one about few observations."""
    observations: int = 0
    """In how many years its last voting day was observed."""
    budgets: ExpectedBudgets | None = None
    """``None`` where the bills of no session could be counted."""


LONGEST_SESSION: Final = timedelta(days=366)
"""A year-round session (通年会期, 102条の2) lasts a year."""


def checked_sessions(code: str, observed: Iterable[ObservedSession]) -> tuple[ObservedSession, ...]:
    """The sessions, if they can be those of that council.

    Raises:
        DomainError: one belongs to another council (``another_municipality``), ends before it
            begins (``end_before_start``), lasts more than a year (``session_too_long``), was not
            held in the year that counts it (``outside_year``), has no source
            (``reason_missing``), or is given twice (``given_twice``).
    """
    known: dict[tuple[SessionKind, int, int], ObservedSession] = {}
    for position, session in enumerate(observed):
        with errors_within(f"sessions/{position}"):
            _check(code, session)
            identity = (session.kind, session.year, session.number)
            if identity in known:
                raise DomainError(
                    f"{session.year} 第{session.number}回{session.kind.japanese} is given twice",
                    field="number",
                    code="given_twice",
                )
            known[identity] = session
    return tuple(known.values())


def _check(code: str, session: ObservedSession) -> None:
    opens, closes = session.opens_on, session.last_vote_on
    if session.code != code:
        raise DomainError(
            f"it belongs to {session.code}, not {code}", field="code", code="another_municipality"
        )
    require_source(session.source)
    if opens is not None and closes < opens:
        raise DomainError(
            f"the last voting day {closes} lies before the opening {opens}",
            field="last_vote_on",
            code="end_before_start",
        )
    # A council counts a session by the year it opens in; it may end in the next one.
    if opens is not None and opens.year != session.year:
        raise DomainError(
            f"it opened on {opens}, not in {session.year}", field="opens_on", code="outside_year"
        )
    if opens is not None and closes - opens > LONGEST_SESSION:
        raise DomainError(
            f"from {opens} to {closes} is more than a year",
            field="last_vote_on",
            code="session_too_long",
        )
    if closes.year not in (session.year, session.year + 1):
        raise DomainError(
            f"its last voting day {closes} is not in {session.year} or the year after",
            field="last_vote_on",
            code="outside_year",
        )
