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
    """The first day that is known; ``None`` when only votes were published."""
    last_vote_on: date
    bills: tuple[BudgetBill, ...]
    source: str


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
