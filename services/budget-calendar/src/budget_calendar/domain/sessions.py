"""Council sessions (議会): as they were held, and as they are expected from those."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from budget_calendar.domain.texts import Text
from budget_calendar.domain.windows import Estimate


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
    """What kind of budget a bill is."""

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
    def supplementary_passed(self) -> int:
        """How many supplementary budgets, of all accounts, the council itself passed.

        What the head had decided (専決処分) and the council only approved is not among them.
        """
        return sum(
            bill.kind is BudgetBillKind.SUPPLEMENTARY and bill.passed and not bill.decided_by_head
            for bill in self.bills
        )


@dataclass(frozen=True, slots=True)
class ExpectedBudgets:
    """How many supplementary budgets (補正予算) a session to come passes.

    From `ObservedSession.supplementary_passed` of earlier sessions, newer ones weighing more;
    sessions of which bills are known to be missing do not count.
    """

    mean: float
    low: int
    high: int
    """``low`` to ``high`` holds at least 80 % of the sessions counted."""
    sessions: int
    """How many sessions were counted."""


@dataclass(frozen=True, slots=True)
class PredictedSession:
    """A regular session (定例会) to come, computed from the council's earlier ones."""

    year: int
    """The calendar year in which the council will count it."""
    number: int
    """第n回 within that year."""
    opens: Estimate | None
    """``None`` when too few openings were published to compute one."""
    last_vote: Estimate
    note: Text | None = None
    """What a reader must know, such as how few observations there were."""
    observations: int = 0
    """In how many years its last voting day was observed."""
    budgets: ExpectedBudgets | None = None
    """``None`` where the bills of no session could be counted."""
