"""Compare two versions of a calendar."""

from dataclasses import dataclass

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, Milestone
from budget_calendar.domain.windows import Estimate


@dataclass(frozen=True, slots=True)
class Moved:
    """One milestone whose window changed, appeared or went away."""

    key: str
    before: Estimate | None
    """``None`` when the older calendar did not have it."""
    after: Estimate | None
    """``None`` when the newer calendar no longer has it."""
    fiscal_year: int
    """The calendar's."""

    @property
    def days(self) -> int | None:
        """Days by which the likely day moved, negative if earlier; ``None`` unless in both."""
        if self.before is None or self.after is None:
            return None
        return (self.after.window.likely - self.before.window.likely).days


def moved(before: BudgetCalendar, after: BudgetCalendar) -> tuple[Moved, ...]:
    """The milestones whose windows differ, in the order of the newer calendar, gone ones last.

    If only confidence, source or basis changed, nothing has moved.
    """
    earlier, later = _by_key(before), _by_key(after)
    changed = [
        Moved(
            key,
            earlier[key].estimate if key in earlier else None,
            milestone.estimate,
            after.fiscal_year,
        )
        for key, milestone in later.items()
        if key not in earlier or earlier[key].estimate.window != milestone.estimate.window
    ]
    gone = [
        Moved(key, m.estimate, None, after.fiscal_year)
        for key, m in earlier.items()
        if key not in later
    ]
    return (*changed, *gone)


def _by_key(calendar: BudgetCalendar) -> dict[str, Milestone]:
    return {milestone.key: milestone for milestone in calendar.milestones}
