"""Recognise budget bills by their titles and results as councils publish them.

Titles are formulas (common practice): ``令和元年度桐生市一般会計補正予算（第1号）``,
``専決処分（…補正予算（第1号））の承認を求めるについて``. What looks like a budget but cannot be
read is refused with its reason, never mended.
"""

import re
from dataclasses import dataclass

from budget_calendar.domain.council.sessions import BudgetBillKind
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.domain.japanese_dates import YEAR, NotAYearError, plain, western_year

_KINDS = {
    "補正予算": BudgetBillKind.SUPPLEMENTARY,
    "暫定予算": BudgetBillKind.PROVISIONAL,
    "当初予算": BudgetBillKind.INITIAL,
    "予算": BudgetBillKind.INITIAL,
}
_NUMBER = r"(?:\(?(?:専決)?第(?P<number>\d{1,3})号(?:補正)?\)?)?"
_BUDGET = (
    rf"(?P<year>{YEAR})年(?P<fiscal>度)?(?P<account>[^()]*会計(?:\([^()]*\))?)"
    rf"(?P<kind>{'|'.join(_KINDS)}){_NUMBER}"
)
_ENDS = r"(?:案)?(?:(?:を定めること)?について|の議決について|を定める件)?"
_DECIDED_BY_COUNCIL = re.compile(rf"{_BUDGET}{_ENDS}")
_BY_HEAD = re.compile(_BUDGET)
_LOOKS_LIKE_ONE = re.compile(rf"会計[^()]{{0,4}}予算{_NUMBER}{_ENDS}")
_GENERAL = "一般会計"

_NOT_PASSED = re.compile(
    r"否決|不承認|不同意|不認定|不採択|継続|未了|撤回|取り?下げ|廃案|否認|見送り"
)
_PASSED = re.compile(r"可決|承認")


@dataclass(frozen=True, slots=True)
class BudgetTitle:
    """The parts of a budget bill's title."""

    kind: BudgetBillKind
    fiscal_year: int
    account: str
    """会計 without the municipality's name: ``一般会計``, ``水道事業会計``."""
    number: int | None
    """第n号 of a supplementary budget; ``None`` where none is given."""
    decided_by_head: bool
    """専決処分 (地方自治法179条)."""
    read_with: str | None = None
    """A note about what was read leniently; ``None`` for a regular title."""


def read_budget_title(title: str, municipality: str) -> BudgetTitle | None:
    """Parse the title of a budget bill; ``None`` if the bill is something else.

    Settlements (決算), carry-overs and petitions about budgets are something else.

    Args:
        title: as published; full-width digits and line breaks are fine.
        municipality: its name, such as ``桐生市``, which titles put before the account.

    Raises:
        DomainError: it looks like a budget, but names no fiscal year that can be read, no
            account, or another municipality.
    """
    text = plain(title)
    by_head = "専決" in text and not _DECIDED_BY_COUNCIL.fullmatch(text)
    found = _BY_HEAD.search(text) if by_head else _DECIDED_BY_COUNCIL.fullmatch(text)
    if found is None:
        if _LOOKS_LIKE_ONE.search(text) if by_head else _ends_like_one(text):
            raise DomainError(
                "it looks like a budget, but names no fiscal year that can be read",
                field="title",
                code="unreadable_budget_title",
            )
        return None
    number = found["number"]
    return BudgetTitle(
        kind=_KINDS[found["kind"]],
        fiscal_year=_fiscal_year(found["year"]),
        account=_account(found["account"], municipality),
        number=None if number is None else int(number),
        decided_by_head=by_head or "専決第" in text,
        read_with=None if found["fiscal"] else f"{found['year']}年 without 度, read as 年度",
    )


def has_passed(result: str) -> bool:
    """Whether a bill's published result (議決結果) means that it was passed or approved.

    ``取下げ承認`` approves a withdrawal: not passed. A decision of the head stays in force even
    where approval was refused (不承認; 地方自治法179条): that is not said here.

    Raises:
        DomainError: the result is empty or says neither.
    """
    text = plain(result)
    if _NOT_PASSED.search(text):
        return False
    if _PASSED.search(text):
        return True
    raise DomainError(
        "the result does not say whether the bill passed", field="result", code="unknown_result"
    )


def _ends_like_one(text: str) -> bool:
    return any(found.end() == len(text) for found in _LOOKS_LIKE_ONE.finditer(text))


def _fiscal_year(named: str) -> int:
    try:
        return western_year(named)
    except NotAYearError as error:
        raise DomainError(str(error), field="title", code="not_a_year") from None


def _account(named: str, municipality: str) -> str:
    """The account without whose it is; 一般会計 shows whether a title is another's."""
    owner = named.removesuffix(_GENERAL)
    if owner != named and owner and not owner.endswith(municipality):
        raise DomainError(
            f"it is a budget of {owner}, not of {municipality}",
            field="title",
            code="another_municipality",
        )
    return _GENERAL if owner != named else named.removeprefix(municipality)
