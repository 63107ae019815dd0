"""Calendars to draw: one by hand that shows everything, and any that could be computed."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from budget_calendar.domain.budget_year.calendar import (
    NUMBERED,
    BudgetCalendar,
    Milestone,
    MilestoneKind,
    PhaseSpan,
    SkeletonBudget,
)
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.texts import Text

KIRYU = Text("桐生市", "Kiryu")
ONE_DAY = timedelta(days=1)
FIRST, LAST = date(2026, 4, 1), date(2027, 3, 31)


def estimate(
    earliest: date,
    likely: date | None = None,
    latest: date | None = None,
    basis: Basis = Basis.PRACTICE,
) -> Estimate:
    likely = likely or earliest
    return Estimate(Window(earliest, likely, latest or likely), basis, "a source & <more>", 0.6)


def a_calendar() -> BudgetCalendar:
    begins = [
        estimate(FIRST, basis=Basis.LAW),
        estimate(date(2026, 6, 22), date(2026, 7, 1), date(2026, 7, 21)),
        estimate(date(2026, 8, 17), date(2026, 10, 1), date(2026, 10, 19)),
        estimate(date(2026, 8, 25), date(2026, 10, 9), date(2026, 10, 22)),
        estimate(date(2026, 9, 16), date(2026, 10, 31), date(2026, 11, 11)),
        estimate(date(2027, 1, 6), date(2027, 1, 15), date(2027, 2, 3)),
        estimate(date(2027, 2, 22), basis=Basis.PREDICTED),
        estimate(date(2027, 3, 18), basis=Basis.PREDICTED),
    ]
    kind = MilestoneKind
    milestones = (
        Milestone(
            kind.SUPPLEMENTARY_REQUEST_DEADLINE,
            estimate(date(2026, 3, 2), date(2026, 3, 27), date(2026, 4, 24)),
            2,
        ),
        Milestone(kind.FISCAL_YEAR_BEGINS, estimate(FIRST, basis=Basis.LAW)),
        Milestone(kind.SESSION_OPENS, estimate(date(2026, 6, 5), basis=Basis.OBSERVED), 2),
        Milestone(
            kind.SESSION_VOTE,
            estimate(date(2026, 6, 23), date(2026, 6, 24), date(2026, 6, 30), Basis.PREDICTED),
            2,
        ),
        Milestone(
            kind.REQUEST_DEADLINE,
            estimate(date(2026, 10, 26), date(2026, 10, 30), date(2026, 11, 2), Basis.MANUAL),
            note=Text("担当者に確認済み。", "Asked the officer in charge."),
        ),
        Milestone(kind.UNOFFICIAL_NOTICE, estimate(FIRST, date(2027, 1, 26), LAST)),
        Milestone(kind.SUBMISSION_DEADLINE, estimate(date(2027, 3, 11), basis=Basis.LAW)),
        Milestone(kind.BUDGET_VOTE, estimate(date(2027, 3, 17), basis=Basis.PREDICTED)),
    )
    return BudgetCalendar(
        code="102032",
        fiscal_year=2026,
        template="published",
        phases=spans(begins),
        milestones=milestones,
        skeleton=SkeletonBudget(0.62, "a source", Window.on(date(2027, 4, 25))),
        warnings=(Text("観測が少ない。", "Few observations."),),
    )


def the_year_after(calendar: BudgetCalendar) -> BudgetCalendar:
    """The same milestones in fiscal year N+1; the phases stay, as no picture draws them."""
    return replace(
        calendar,
        fiscal_year=calendar.fiscal_year + 1,
        milestones=tuple(
            replace(m, estimate=_a_year_later(m.estimate)) for m in calendar.milestones
        ),
    )


def _a_year_later(known: Estimate) -> Estimate:
    window = known.window
    days = (
        day.replace(year=day.year + 1) for day in (window.earliest, window.likely, window.latest)
    )
    return replace(known, window=Window(*days))


def spans(begins: list[Estimate]) -> tuple[PhaseSpan, ...]:
    ends = [each.window.shifted(-ONE_DAY) for each in begins[1:]]
    return tuple(
        PhaseSpan(*span) for span in zip(BudgetPhase, begins, [*ends, Window.on(LAST)], strict=True)
    )


@st.composite
def _estimates(draw: st.DrawFn, likely: st.SearchStrategy[date]) -> Estimate:
    day = draw(likely)
    before, after = draw(st.integers(0, 150)), draw(st.integers(0, 150))
    return estimate(
        day - before * ONE_DAY, day, day + after * ONE_DAY, draw(st.sampled_from(Basis))
    )


@st.composite
def calendars(draw: st.DrawFn) -> BudgetCalendar:
    """Any calendar of fiscal year 2026, with windows as wide as they come."""
    in_year = st.dates(FIRST, LAST)
    days = sorted(
        draw(st.sets(st.dates(FIRST + ONE_DAY, LAST), min_size=7, max_size=7))
    )  # fmt: skip
    begins = [estimate(FIRST, basis=Basis.LAW)]
    begins += [draw(_estimates(st.just(day))) for day in days]
    milestones = []
    for kind in draw(st.sets(st.sampled_from(MilestoneKind))):
        numbers: list[int | None] = [1, 2, 3, 4] if kind in NUMBERED else [None]
        for number in numbers:
            when = st.dates(FIRST - 60 * ONE_DAY, LAST) if number else in_year
            milestones.append(Milestone(kind, draw(_estimates(when)), number))
    return BudgetCalendar(
        code="102032",
        fiscal_year=2026,
        template="published",
        phases=spans(begins),
        milestones=tuple(sorted(milestones, key=lambda m: (m.likely, m.key))),
        skeleton=None,
    )
