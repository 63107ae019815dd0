"""Order the days of a budget year, and resolve conflicts between them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.windows import PRECEDENCE, Basis, Estimate, Window
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.business_days import BusinessDays

ONE_DAY: Final = timedelta(days=1)

Sequel = tuple[str, int]
"""A milestone's key, and how many days it comes at least after the one before it."""

CYCLE: Final[tuple[Sequel, ...]] = (
    (Kind.SUMMER_REVIEW_BEGINS, 1),
    (Kind.POLICY_ANNOUNCED, 1),
    (Kind.REQUESTS_BEGIN, 1),
    (Kind.REQUEST_DEADLINE, 0),
    (Kind.FINANCE_ASSESSMENT_ENDS, 1),
    (Kind.HEAD_ASSESSMENT_BEGINS, 1),
    (Kind.UNOFFICIAL_NOTICE, 0),
    (Kind.RESTORATION_DEADLINE, 0),
    (Kind.BUDGET_SUBMITTED, 1),
    (Kind.BUDGET_VOTE, 1),
)
"""The cycle of next year's budget; 1 April comes before it."""

REGULAR_SESSIONS: Final = (2, 3, 4, 1)
"""The regular sessions of a fiscal year in order: June, September, December, then spring."""

SESSIONS: Final[tuple[Sequel, ...]] = tuple(
    sequel
    for n in REGULAR_SESSIONS
    for sequel in (
        (f"{Kind.SESSION_OPENS}:{n}", 0 if n == REGULAR_SESSIONS[0] else 1),
        (f"{Kind.SESSION_VOTE}:{n}", 0),
    )
)
"""One session is over before the next one opens."""

FISCAL_YEAR_ENDS: Final = "fiscal_year_ends"
"""31 March, which ends the orders of a year."""

ORDERS: Final[tuple[tuple[Sequel, ...], ...]] = (
    ((Kind.FISCAL_YEAR_BEGINS, 0), *CYCLE, (Kind.BUDGET_TO_HEAD, 0), (FISCAL_YEAR_ENDS, 0)),
    ((Kind.FISCAL_YEAR_BEGINS, 0), *SESSIONS, (FISCAL_YEAR_ENDS, 0)),
    ((Kind.QUOTES_WANTED, 0), (Kind.REQUEST_DEADLINE, 0)),
    ((f"{Kind.SESSION_OPENS}:1", 0), (Kind.BUDGET_VOTE, 0), (f"{Kind.SESSION_VOTE}:1", 0)),
    ((Kind.BUDGET_SUBMITTED, 0), (f"{Kind.SESSION_VOTE}:1", 1)),
    *(
        (
            (f"{Kind.SUPPLEMENTARY_REQUEST_DEADLINE}:{n}", 0),
            (f"{Kind.SESSION_NOTICE}:{n}", 0),
            (f"{Kind.SESSION_OPENS}:{n}", 0),
        )
        for n in REGULAR_SESSIONS
    ),
)
"""Everything that follows something else within a fiscal year."""

PHASE_BEGINS: Final[Mapping[BudgetPhase, tuple[Kind, int]]] = {
    BudgetPhase.INFORMATION_GATHERING: (Kind.FISCAL_YEAR_BEGINS, 0),
    BudgetPhase.SUMMER_REVIEW: (Kind.SUMMER_REVIEW_BEGINS, 0),
    BudgetPhase.BUDGET_POLICY: (Kind.POLICY_ANNOUNCED, 0),
    BudgetPhase.DEPARTMENT_REQUESTS: (Kind.REQUESTS_BEGIN, 0),
    BudgetPhase.FINANCE_ASSESSMENT: (Kind.REQUEST_DEADLINE, 1),
    BudgetPhase.HEAD_ASSESSMENT: (Kind.HEAD_ASSESSMENT_BEGINS, 0),
    BudgetPhase.DELIBERATION: (Kind.BUDGET_SUBMITTED, 0),
    BudgetPhase.EXECUTION_PREPARATION: (Kind.BUDGET_VOTE, 1),
}
"""Which milestone begins a phase, and how many days later the phase begins."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An estimate in its place."""

    estimate: Estimate
    moved: bool = False
    """Whether a better known date before or after it left no room for its own."""


def least_certain(*bases: Basis) -> Basis:
    """The basis of what is derived from several dates: that of the least certain one."""
    return max(bases, key=PRECEDENCE.index)


def derived(origin: Estimate, window: Window, rule: Estimate) -> Estimate:
    """Return ``rule`` relative to ``origin``, as certain as the less certain of both."""
    return Estimate(
        window,
        least_certain(origin.basis, rule.basis),
        rule.source if rule.source == origin.source else f"{rule.source}; {origin.source}",
        round(origin.confidence * rule.confidence, 2),
    )


def in_order(
    order: Sequence[Sequel],
    estimates: Mapping[str, Estimate],
    between: Window,
    business_days: BusinessDays,
    shifted_earlier: Iterable[str] = (),
) -> dict[str, Placed]:
    """Every estimate of ``order`` at a place where all follow one another.

    The better known date stays, in the order of ``PRECEDENCE``, and among equals the earlier in the
    year; a date that has no room beside it is moved just as far as needed, its confidence halved.
    The earliest, likely and latest days are put in order each by themselves, so windows stay
    windows. A date of practice falls on a business day as long as there is one in its room.

    Args:
        order: the milestones that follow one another.
        estimates: one for each of them.
        between: ``earliest`` is what the first of them follows, ``latest`` the last day for all.
        business_days: of the municipality.
        shifted_earlier: the milestones that move to the business day before rather than after.
    """
    keys = [key for key, _ in order]
    offsets = [0]
    for _, gap in order:
        offsets.append(offsets[-1] + gap)
    certain_first = sorted(
        range(len(keys)), key=lambda n: PRECEDENCE.index(estimates[keys[n]].basis)
    )
    earlier = frozenset(shifted_earlier)
    placed: dict[int, Placed] = {}
    for n in certain_first:
        estimate = estimates[keys[n]]
        before = max((m for m in placed if m < n), default=None)
        after = min((m for m in placed if m > n), default=None)
        days = []
        for track in ("earliest", "likely", "latest"):
            low = (
                between.earliest + offsets[n + 1] * ONE_DAY
                if before is None
                else getattr(placed[before].estimate.window, track)
                + (offsets[n + 1] - offsets[before + 1]) * ONE_DAY
            )
            high = (
                between.latest - (offsets[-1] - offsets[n + 1]) * ONE_DAY
                if after is None
                else getattr(placed[after].estimate.window, track)
                - (offsets[after + 1] - offsets[n + 1]) * ONE_DAY
            )
            day = min(max(getattr(estimate.window, track), low), high)
            if estimate.basis is Basis.PRACTICE:
                day = _business_day(day, low, high, business_days, earlier=keys[n] in earlier)
            days.append(day)
        window = Window(*days)
        placed[n] = _placed(estimate, window)
    return {keys[n]: placed[n] for n in range(len(keys))}


def _placed(estimate: Estimate, window: Window) -> Placed:
    if window.likely == estimate.window.likely:
        return Placed(replace(estimate, window=window))
    return Placed(
        replace(estimate, window=window, confidence=round(estimate.confidence / 2, 2)), moved=True
    )


def _business_day(
    day: date, low: date, high: date, business_days: BusinessDays, *, earlier: bool
) -> date:
    """The business day in ``low``–``high`` nearest in the wanted direction; ``day`` if none is."""
    before, after = business_days.on_or_before(day), business_days.on_or_after(day)
    for choice in (before, after) if earlier else (after, before):
        if low <= choice <= high:
            return choice
    return day
