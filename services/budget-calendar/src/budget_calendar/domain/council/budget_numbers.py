"""Supplementary budgets are numbered within fiscal year and account: a gap shows what is unknown.

Numbering is common practice. A gap means that a bill was not read, or was rejected.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from budget_calendar.domain.council.sessions import BudgetBillKind, ObservedSession, SessionKind
from budget_calendar.domain.fiscal_years import first_day

_GENERAL = "一般会計"


@dataclass(frozen=True, slots=True)
class MissingNumbers:
    """Supplementary budgets of which later ones are known, but not they themselves."""

    fiscal_year: int
    account: str
    numbers: tuple[int, ...]
    after: date | None
    """They were decided on or after this day; ``None``: at any time before."""
    before: date
    """They were decided on or before this day."""


def missing_numbers(sessions: Iterable[ObservedSession]) -> tuple[MissingNumbers, ...]:
    """The gaps, in order of fiscal year, account and number.

    What was decided before the first known session is no gap.
    """
    in_order = sorted(sessions, key=lambda each: each.last_vote_on)
    decided: dict[tuple[int, str], dict[int, date]] = defaultdict(dict)
    for session in in_order:
        for bill in session.bills:
            if bill.kind is BudgetBillKind.SUPPLEMENTARY and bill.number is not None:
                numbers = decided[bill.fiscal_year, bill.account]
                numbers.setdefault(bill.number, session.last_vote_on)
    found = []
    for (fiscal_year, account), days in sorted(decided.items()):
        low = 0
        after: date | None = None
        for high, before in sorted(days.items()):
            known_since = after is not None or first_day(fiscal_year) >= in_order[0].last_vote_on
            if high - low > 1 and known_since:
                missing = tuple(range(low + 1, high))
                found.append(MissingNumbers(fiscal_year, account, missing, after, before))
            low, after = high, before
    return tuple(found)


def without_gaps(sessions: Iterable[ObservedSession]) -> tuple[ObservedSession, ...]:
    """The regular sessions whose supplementary budgets can be counted.

    Left out is a session without one of the general account while a number of that account is
    missing that may well have passed there, and a spring session without the budget of the year to
    come (`ObservedSession.lacks_initial_budget`): counting either as 0 would be wrong.
    """
    known = tuple(sessions)
    gaps = tuple(gap for gap in missing_numbers(known) if gap.account == _GENERAL)
    return tuple(
        session
        for session in known
        if session.kind is SessionKind.REGULAR
        and not session.lacks_initial_budget
        and (_amends_general(session) or not any(_within(session, gap) for gap in gaps))
    )


def _amends_general(session: ObservedSession) -> bool:
    return any(
        bill.kind is BudgetBillKind.SUPPLEMENTARY
        and bill.account == _GENERAL
        and not bill.decided_by_head
        for bill in session.bills
    )


def _within(session: ObservedSession, gap: MissingNumbers) -> bool:
    first = gap.after or first_day(gap.fiscal_year)
    return first <= session.last_vote_on <= gap.before
