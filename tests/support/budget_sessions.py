"""Council sessions as tests want them."""

from datetime import date

from budget_calendar.domain.council.sessions import (
    BudgetBill,
    BudgetBillKind,
    ObservedSession,
    SessionKind,
)

KIRYU = "102032"


def supplementary(
    fiscal_year: int, number: int, account: str = "一般会計", *, by_head: bool = False
) -> BudgetBill:
    """A supplementary budget that passed."""
    return BudgetBill(
        kind=BudgetBillKind.SUPPLEMENTARY,
        fiscal_year=fiscal_year,
        account=account,
        number=number,
        decided_by_head=by_head,
        passed=True,
        title=f"{fiscal_year}年度{account}補正予算（第{number}号）",
    )


def initial(fiscal_year: int, kind: BudgetBillKind = BudgetBillKind.INITIAL) -> BudgetBill:
    """The general account's budget of a year, which passed."""
    return BudgetBill(
        kind=kind,
        fiscal_year=fiscal_year,
        account="一般会計",
        number=None,
        decided_by_head=False,
        passed=True,
        title=f"{fiscal_year}年度一般会計予算",
    )


def session(
    last_vote_on: date,
    number: int,
    *bills: BudgetBill,
    opens_on: date | None = None,
    kind: SessionKind = SessionKind.REGULAR,
) -> ObservedSession:
    """One session of Kiryu."""
    return ObservedSession(
        code=KIRYU,
        kind=kind,
        year=last_vote_on.year,
        number=number,
        opens_on=opens_on,
        last_vote_on=last_vote_on,
        bills=bills,
        source="https://example.jp",
    )
