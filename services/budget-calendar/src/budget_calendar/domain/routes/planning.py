"""The common input of all routes, and the dates of their steps."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from budget_calendar.domain.budget_year.calendar import BudgetCalendar, Milestone, MilestoneKind
from budget_calendar.domain.days import in_words
from budget_calendar.domain.fiscal_years import first_day, last_day
from budget_calendar.domain.goals import PursuitGoal, contract_end, successor_begins
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.routes.local_rules import LocalRules
from budget_calendar.domain.routes.procurement import (
    COMMON_PRACTICE,
    ContractPlan,
    contract_after,
)
from budget_calendar.domain.routes.route import Step
from budget_calendar.domain.stages import PREPARING, Stage
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.texts import Text

QUARTER = timedelta(days=90)
"""From one regular session to the next, where the next one isn't known (common practice)."""

ENOUGH_TO_DELIVER = timedelta(days=30)
"""The least time between a one-off's contract and 31 March (common practice)."""


@dataclass(frozen=True, slots=True)
class Planning:
    """The input of a plan: goal, municipality, calendars and subsidies on a day."""

    goal: PursuitGoal
    municipality: Municipality
    calendars: Mapping[int, BudgetCalendar]
    today: date
    local: LocalRules

    def milestone(
        self, year: int, kind: MilestoneKind, number: int | None = None
    ) -> Milestone | None:
        """That milestone of that fiscal year, if the calendar has it."""
        calendar = self.calendars.get(year)
        key = kind.value if number is None else f"{kind.value}:{number}"
        return calendar.milestone(key) if calendar else None

    def next_council_vote(self, on: date) -> Estimate | None:
        """The first last-voting-day of a regular session on or after that day."""
        votes = [
            m.estimate
            for calendar in self.calendars.values()
            for m in calendar.milestones
            if m.kind is MilestoneKind.SESSION_VOTE and m.likely >= on
        ]
        return min(votes, key=lambda e: e.window.likely, default=None)


def practice(window: Window, source: str, confidence: float) -> Estimate:
    """An estimate by common practice, with what it is derived from."""
    return Estimate(window, Basis.PRACTICE, f"{COMMON_PRACTICE}: {source}", confidence)


def before(estimate: Estimate, days: int, source: str) -> Estimate:
    """So many days before what ``estimate`` dates."""
    window = estimate.window.shifted(timedelta(days=-days))
    return practice(window, source, estimate.confidence)


def first_not_past(window: Window, today: date) -> date:
    """The safest day of a deadline that can still be met; its latest when all are past."""
    days = (window.earliest, window.likely, window.latest)
    return next((day for day in days if day >= today), window.latest)


def own_step(
    planning: Planning,
    stage: Stage,
    estimate: Estimate,
    *,
    begins: int,
    optional: bool = False,
    note: Text | None = None,
) -> Step:
    """A step that the seller or the department takes; begun ``begins`` days before."""
    act_by = first_not_past(estimate.window, planning.today)
    return Step(stage, act_by - timedelta(days=begins), act_by, estimate, optional, note)


def others_step(
    planning: Planning, stage: Stage, estimate: Estimate, note: Text | None = None
) -> Step:
    """A step that others decide: it is expected on its likely day."""
    window = estimate.window
    act_by = window.likely if window.likely >= planning.today else window.latest
    return Step(stage, act_by, act_by, estimate, note=note)


def preparing_steps(planning: Planning, steps: tuple[Step, ...], request: Step) -> tuple[Step, ...]:
    """Return the preparing steps that can still be taken before a request.

    Optional ones whose time is past fall away; a quote that comes late is still worth something
    until the request is made.
    """
    kept = []
    for step in steps:
        past = step.estimate.window.latest < planning.today
        if past and step.optional:
            continue
        act_by = request.act_by if past else min(step.act_by, request.act_by)
        note = step.note
        if past and request.estimate.window.latest >= planning.today:
            note = Text(
                ja="通常の提出時期を過ぎています。他社の見積で予算化が進んでいるおそれが"
                "あるため、要求の締切前に直ちに提出してください。",
                en="Later than usual: a rival's quote may already be in use, so hand it over at "
                "once, before requests close.",
            )
        begin_by = min(step.begin_by, act_by)
        kept.append(replace(step, act_by=act_by, begin_by=begin_by, note=note))
    return tuple(kept)


def on_business_days(step: Step, today: date, business_days: BusinessDays) -> Step:
    """The step on days on which offices are open.

    What has to be handed over is due before a holiday, a contract is concluded after it. What
    others decide stays on the calendar's day, which a person may have entered; execution and
    renewal end with the contract, on whatever day that is.
    """
    act_by = step.act_by
    if step.stage in PREPARING or step.stage in (Stage.REQUEST, Stage.GRANT_APPLICATION):
        before_it = business_days.on_or_before(act_by)
        act_by = before_it if before_it >= today else act_by
    elif step.stage is Stage.CONTRACT and step.estimate.basis is Basis.PRACTICE:
        act_by = business_days.on_or_after(act_by)
    begin_by = business_days.on_or_before(min(step.begin_by, act_by))
    return replace(step, act_by=act_by, begin_by=begin_by)


def in_order(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps with none due before the one it follows: wide windows overlap."""
    ordered: list[Step] = []
    for step in steps:
        due = max(step.act_by, ordered[-1].act_by) if ordered else step.act_by
        ordered.append(replace(step, act_by=due))
    return tuple(ordered)


@dataclass(frozen=True, slots=True)
class Delivery:
    """From money to work: which contract, when, and until when."""

    steps: tuple[Step, ...]
    plan: ContractPlan
    starts: date
    carried_over: bool


def delivery(
    planning: Planning,
    voted: Window,
    fiscal_year: int,
    *,
    not_before: date | None = None,
    work_from: date | None = None,
    may_carry_over: bool = True,
) -> Delivery:
    """The steps after the money is there.

    Args:
        planning: the input of the plan.
        voted: when the money is secured.
        fiscal_year: the year whose budget pays.
        not_before: the first day on which a contract may be concluded: 1 April of the year for an
            initial budget, the grant decision for a subsidy.
        work_from: the day on which the work begins, where the route sets it.
        may_carry_over: whether money that can't be spent by 31 March goes to the next year.
    """
    goal = planning.goal
    plan = contract_after(
        planning.municipality.type,
        goal.category,
        goal.amount,
        max(voted.likely, planning.today),
        planning.local,
    )
    least, usual, most = (timedelta(days=days) for days in plan.days)
    floor = not_before or voted.earliest
    earliest = max(voted.earliest + least, floor)
    likely = max(voted.likely + usual, floor)
    latest = max(voted.latest + most, floor)
    concluded = practice(
        Window(earliest, likely, latest), "notice to contract, after the money is secured", 0.7
    )
    if plan.council_vote:
        session = planning.next_council_vote(likely)
        if session:
            window = session.window
            vote = Window(min(earliest, window.earliest), window.likely, window.latest)
            concluded = replace(session, window=vote)
        else:
            concluded = practice(
                Window(earliest, likely + QUARTER, latest + QUARTER),
                "the council votes on the contract in its next session",
                0.5,
            )
    contract_on = concluded.window.likely
    if work_from is None and goal.wanted_start > contract_on:
        # Nobody concludes a contract long before the work: it follows the wanted start.
        on = goal.wanted_start
        window = Window(concluded.window.earliest, on, max(on, concluded.window.latest))
        concluded = replace(concluded, window=window)
        contract_on = on
    starts = max(work_from or contract_on, goal.wanted_start if goal.multi_year else contract_on)
    carried_over = False
    if goal.years is None:
        ends = last_day(fiscal_year)
        if may_carry_over and starts + ENOUGH_TO_DELIVER > ends:
            carried_over = True
            ends = last_day(fiscal_year + 1)
        ended = Estimate(Window.on(ends), Basis.LAW, "地方自治法208条2項・213条", 1.0)
    else:
        ends = contract_end(goal, starts)
        ended = practice(Window.on(ends), "the wanted term, from the likely start", 0.7)
    notice_by = max(min(contract_on - usual, contract_on), planning.today)
    steps = [
        Step(
            Stage.CONTRACT,
            min(notice_by, contract_on),
            contract_on,
            concluded,
            note=plan.text,
        ),
        Step(Stage.EXECUTION, starts, max(ends, starts), ended),
    ]
    if goal.years is not None:
        begins = successor_begins(ends)
        steps.append(
            Step(
                Stage.RENEWAL,
                begins,
                ends,
                ended,
                note=Text(
                    ja=f"後継の予算づくりを{in_words(begins).ja}に始めます。",
                    en=f"Work on the successor's budget begins on {in_words(begins).en}.",
                ),
            )
        )
    return Delivery(tuple(steps), plan, starts, carried_over)


def year_begins(fiscal_year: int) -> Window:
    """1 April of that year, from which its initial budget can be spent (208条1項)."""
    return Window.on(first_day(fiscal_year))
