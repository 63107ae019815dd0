"""Plan a budget cycle: the events that are due, its status, and when it plans again."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from budget_calendar.domain.budget_year.calendar import (
    BudgetCalendar,
    Milestone,
    MilestoneKind,
    PhaseSpan,
)
from budget_calendar.domain.budget_year.corrections import Correction
from budget_calendar.domain.budget_year.labels import PHASES, label_of, label_of_key
from budget_calendar.domain.budget_year.reasons import OF_A_PURSUIT, reasons_to_act
from budget_calendar.domain.budget_year.scheduled_events import (
    LONGEST_LEAD,
    ScheduledEvent,
    ScheduledEventKind,
    day_announced,
    due,
    next_instant,
    scheduled_events,
)
from budget_calendar.domain.fiscal_years import fiscal_year_of, japanese_name
from budget_calendar.events.mapping import EventToPublish, date_window, label, shortened
from kakehashi_common.clock import japan_day, utc
from kakehashi_common.contracts.budget_phases import (
    CouncilSession,
    MilestoneNear,
    PhaseEntered,
)
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.texts import Text

URGENT_WITHIN_BUSINESS_DAYS: Final = 7

_CORRECTIONS_SHOWN: Final = 5
_LONGEST_TEXT: Final = 80
"""Characters of a correction's reason or source that operators see."""


@dataclass(frozen=True, slots=True)
class PlanCycle:
    """The municipality, the time, and what has been announced until now."""

    code: str
    now: datetime
    announced_through: datetime | None
    """``None``: nothing yet; what is past now is not announced."""
    phase: str | None
    """The phase last announced, as ``2026/summer_review``."""

    @property
    def fiscal_years(self) -> range:
        """The years whose calendars are needed: from the last announcement's to the coming one.

        Usually this year and the next; on 1 April, or after an outage, those before it too.
        """
        since = self.announced_through or self.now
        return range(
            fiscal_year_of(day_announced(since)), fiscal_year_of(day_announced(self.now)) + 2
        )


@dataclass(frozen=True, slots=True)
class CyclePlan:
    """The status of a municipality, the events that are due, and when to plan again."""

    fiscal_year: int
    phase: str
    """As ``2026/summer_review``."""
    phase_name: str
    """As ``summer_review``."""
    standing: Text
    """A sentence or two for people."""
    due: tuple[EventToPublish, ...]
    through: datetime
    """Everything up to here is in ``due`` or has been announced."""
    next_at: datetime
    """The latest time to plan again."""
    corrections: tuple[str, ...] = ()
    """The newest corrections in force, a line each: which date, who, why."""


def plan_cycle(
    request: PlanCycle,
    calendars: Iterable[BudgetCalendar],
    *,
    name: str,
    business_days: BusinessDays,
    lead_business_days: Iterable[int],
    corrections: Iterable[Correction] = (),
    pursued_by: Collection[str] | None = None,
) -> CyclePlan:
    """Return the plan as of ``request.now``, by the calendars of ``request.fiscal_years``.

    ``pursued_by`` are the owners of the municipality's pursuits that are under way: without one
    nothing is a reason that speaks of a request that was made. ``None``: they are not known, and
    every reason is raised.

    Every event since the last announcement is due, in order, however long ago that was. Beyond
    that, a phase is announced as standing when another one holds than was announced last: when a
    municipality is followed, after a pause, or when a revision puts it into another phase.
    """
    by_year = {each.fiscal_year: each for each in calendars}
    day = day_announced(request.now)
    calendar = by_year[fiscal_year_of(day)]
    span = calendar.phase_on(day)
    leads = tuple(lead_business_days)
    found = [
        each for one in by_year.values() for each in scheduled_events(one, business_days, leads)
    ]
    after = request.announced_through or request.now
    announced = request.phase
    to_announce: list[EventToPublish] = []
    for event in due(found, after, request.now):
        its_calendar = by_year[event.fiscal_year]
        if event.kind is ScheduledEventKind.MILESTONE_NEAR:
            to_announce += _milestone_near(its_calendar, event, pursued_by)
        elif (entered := f"{event.fiscal_year}/{event.key}") != announced:
            announced = entered
            to_announce += _phase_begins(its_calendar, event, pursued_by)
    phase = f"{calendar.fiscal_year}/{span.phase}"
    if phase != announced:
        to_announce += _phase_holds(calendar, span, request, day, pursued_by)
    newest = sorted(corrections, key=lambda each: each.at, reverse=True)[:_CORRECTIONS_SHOWN]
    return CyclePlan(
        fiscal_year=calendar.fiscal_year,
        phase=phase,
        phase_name=span.phase.value,
        standing=_standing(name, calendar, span, by_year.values(), day),
        due=tuple(to_announce),
        through=request.now,
        next_at=next_instant(found, request.now) or request.now + timedelta(days=30),
        corrections=tuple(_correction_line(each) for each in newest),
    )


def _phase_begins(
    calendar: BudgetCalendar, event: ScheduledEvent, pursued_by: Collection[str] | None
) -> Iterator[EventToPublish]:
    """Yield the events of a phase that is entered as scheduled."""
    span = next(each for each in calendar.phases if each.phase == event.key)
    at = utc(event.at)
    yield EventToPublish.of(
        f"{calendar.fiscal_year}/{span.phase}",
        _phase_entered(calendar, span, standing=False),
        at,
        calendar.code,
        event.id,
    )
    yield from _reasons(calendar.code, event, at, span.ends.likely, pursued_by)


def _phase_holds(
    calendar: BudgetCalendar,
    span: PhaseSpan,
    request: PlanCycle,
    day: date,
    pursued_by: Collection[str] | None,
) -> Iterator[EventToPublish]:
    """Yield the events of a phase that holds and was not announced when it began.

    The same phase can come to hold several times, as a calendar is revised there and back: each
    time is a fact of its own, distinguished by the plan before.
    """
    begins = span.begins.window.likely
    key = f"{calendar.fiscal_year}/{span.phase}"
    data = _phase_entered(calendar, span, standing=begins != day)
    yield EventToPublish.of(
        key, data, request.now, calendar.code, key, request.announced_through or day
    )
    if begins == day:  # of a phase that began before, the reasons are stale
        event = ScheduledEvent(
            day, ScheduledEventKind.PHASE_ENTERED, span.phase, day, calendar.fiscal_year
        )
        yield from _reasons(calendar.code, event, request.now, span.ends.likely, pursued_by)


def _phase_entered(calendar: BudgetCalendar, span: PhaseSpan, *, standing: bool) -> PhaseEntered:
    return PhaseEntered(
        municipality_code=calendar.code,
        fiscal_year=calendar.fiscal_year,
        phase=span.phase.value,
        label=label(PHASES[BudgetPhase(span.phase)]),
        begins=date_window(span.begins),
        ends_likely_on=span.ends.likely,
        standing=standing,
    )


def _milestone_near(
    calendar: BudgetCalendar, event: ScheduledEvent, pursued_by: Collection[str] | None
) -> Iterator[EventToPublish]:
    milestone = calendar.milestone(event.key)
    if milestone is None or event.lead is None:  # they are made of milestones
        return
    data = MilestoneNear(
        municipality_code=calendar.code,
        fiscal_year=event.fiscal_year,
        milestone=event.key,
        label=label(label_of(milestone)),
        window=date_window(milestone.estimate),
        business_days_left=event.lead,
    )
    if session := _session_of(calendar, milestone):
        data = data.model_copy(update={"session": session})
    at = utc(event.at)
    yield EventToPublish.of(f"{event.key} in {event.lead}", data, at, calendar.code, event.id)
    yield from _reasons(calendar.code, event, at, event.about, pursued_by)


def _session_of(calendar: BudgetCalendar, milestone: Milestone) -> CouncilSession | None:
    """Return the regular session that a milestone belongs to, if it does."""
    opens = calendar.milestone(f"{MilestoneKind.SESSION_OPENS}:{milestone.number}")
    votes = calendar.milestone(f"{MilestoneKind.SESSION_VOTE}:{milestone.number}")
    if opens is None or votes is None:
        return None
    return CouncilSession(opens=date_window(opens.estimate), votes=date_window(votes.estimate))


def _reasons(
    code: str,
    event: ScheduledEvent,
    at: datetime,
    good_until: date,
    pursued_by: Collection[str] | None,
) -> Iterator[EventToPublish]:
    for reason in reasons_to_act(event):
        of_a_pursuit = reason.kind in OF_A_PURSUIT
        if of_a_pursuit and pursued_by is not None and not pursued_by:
            continue
        data = ReasonArisen(
            municipality_code=code,
            reason=reason.kind.value,
            label=label(reason.text),
            good_from=event.day,
            good_until=max(good_until, event.day),
            urgent=event.lead is not None and event.lead <= URGENT_WITHIN_BUSINESS_DAYS,
            audience=reason.audience,
            importance=reason.importance,
        )
        if of_a_pursuit and pursued_by is not None and len(pursued_by) == 1:
            data = data.model_copy(update={"owner": next(iter(pursued_by))})
        yield EventToPublish.of(reason.kind.value, data, at, code, event.id, reason.kind)


def _standing(
    name: str,
    calendar: BudgetCalendar,
    span: PhaseSpan,
    calendars: Iterable[BudgetCalendar],
    day: date,
) -> Text:
    """Return where a municipality stands and what a seller has to be ready for next."""
    year = japanese_name(calendar.fiscal_year)
    phase = PHASES[span.phase]
    ends = span.ends.likely
    text = Text(
        ja=f"{name} {year}：{phase.ja}（{ends:%Y-%m-%d}頃まで）",
        en=f"{name}, fiscal year {calendar.fiscal_year}: {phase.en}, until about {ends:%Y-%m-%d}",
    )
    coming = [
        milestone
        for each in calendars
        for milestone in each.milestones
        if milestone.kind in LONGEST_LEAD and milestone.likely >= day
    ]
    if not coming:
        return text
    nearest = min(coming, key=lambda m: m.likely)
    return Text(
        ja=f"{text.ja}。次：{label_of(nearest).ja} {nearest.likely:%Y-%m-%d}頃",
        en=f"{text.en}. Next: {label_of(nearest).en} about {nearest.likely:%Y-%m-%d}",
    )


def _correction_line(correction: Correction) -> str:
    """Return which date was corrected, by whom, when and why, in Japanese."""
    window = correction.window
    between = "" if window.days == 1 else f"（{window.earliest}〜{window.latest}）"
    by, reason, source = (
        shortened(each, _LONGEST_TEXT)
        for each in (correction.by, correction.reason, correction.source)
    )
    return (
        f"{japanese_name(correction.fiscal_year)} {label_of_key(correction.key).ja}："
        f"{window.likely}{between}。{japan_day(correction.at)}に{by}が入力、"
        f"理由：{reason}、出典：{source}"
    )
