"""Compute a municipality's calendar of one fiscal year from law, practice and its own facts.

For each milestone the best known date holds: manual, observed, set by law, predicted, practice. A
date that is derived from another (notice of a session from its opening) is no better known than
that one. Where dates contradict the order of the year, the better known one stays; see
``ordering.in_order``.
"""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from budget_calendar.domain.budget_year import law
from budget_calendar.domain.budget_year.calendar import BudgetCalendar, Milestone, PhaseSpan
from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.ordering import (
    CYCLE,
    ONE_DAY,
    PHASE_BEGINS,
    REGULAR_SESSIONS,
    Placed,
    derived,
    in_order,
)
from budget_calendar.domain.budget_year.templates import (
    PUBLISHED,
    QUOTE_LEAD_TIME,
    SHIFTED_EARLIER,
    Template,
)
from budget_calendar.domain.calculation.context import MOVED, CalendarFacts, YearContext, observed
from budget_calendar.domain.calculation.council_year import session_milestones, sessions_in_order
from budget_calendar.domain.calculation.elections import (
    election_milestones,
    skeleton_budget,
    term_warning,
)
from budget_calendar.domain.council.sessions import BudgetBillKind, SessionKind
from budget_calendar.domain.fiscal_years import first_day, last_day
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.business_days import BusinessDays
from kakehashi_common.domain.texts import Text

_AUTUMN_SESSION = 3
"""The regular session around September."""

_USUALLY_TIED = 0.9
"""That the budget is submitted on the first and voted on the last day of the spring session: a
default after common practice."""

_LATE = Text(
    ja="見込みの提出日が法の定める提出期限（努力義務）より後です。",
    en="The budget is likely submitted after the day that the law asks for (a duty of effort).",
)


def compute_calendar(
    municipality: Municipality,
    fiscal_year: int,
    facts: CalendarFacts,
    *,
    business_days: BusinessDays,
    template: Template = PUBLISHED,
) -> BudgetCalendar:
    """The calendar of ``municipality`` for ``fiscal_year``, with every milestone that applies.

    Left out are only the notices of sessions of a council that sits all year, and what comes with
    an election when none is near. Computing it from predictions that are given takes well under
    5 ms, so nothing is cached.
    """
    year = YearContext(municipality, fiscal_year, facts, template, business_days)
    sessions = sessions_in_order(year)
    cycle = _cycle(year, sessions)
    submission = cycle[Kind.BUDGET_SUBMITTED].estimate.window.likely
    milestones = [
        *_by_law(year),
        *_practices(year, cycle),
        *(
            Milestone(Kind(k), p.estimate, note=MOVED if p.moved else None)
            for k, p in cycle.items()
        ),
        _budget_to_head(year, cycle[Kind.BUDGET_VOTE].estimate),
        _settlement_recognised(year, sessions),
        *session_milestones(year, sessions),
        *election_milestones(year, sessions),
    ]
    return BudgetCalendar(
        code=municipality.code,
        fiscal_year=fiscal_year,
        template=template.name,
        phases=_phases(year, cycle),
        milestones=tuple(sorted(milestones, key=lambda m: (m.likely, m.key))),
        skeleton=skeleton_budget(year, submission),
        warnings=tuple(dict.fromkeys(_warnings(year, milestones))),
    )


def _by_law(year: YearContext) -> Iterator[Milestone]:
    first = first_day(year.fiscal_year)
    for kind, legal in (
        (Kind.FISCAL_YEAR_BEGINS, law.LegalDate(first, law.FISCAL_YEAR)),
        (Kind.ACCOUNTS_CLOSED, law.accounts_closed(year.fiscal_year)),
        (Kind.SETTLEMENT_TO_HEAD, law.settlement_to_head(year.fiscal_year)),
        (Kind.YEAR_END_CLOSURE, law.year_end_closure(year.fiscal_year)),
        (
            Kind.SUBMISSION_DEADLINE,
            law.submission_deadline(year.municipality.type, year.fiscal_year + 1),
        ),
    ):
        set_by_law = Estimate(Window.on(legal.day), Basis.LAW, legal.article, 1.0)
        yield Milestone(kind, year.manual(kind) or set_by_law, note=legal.note)


def _practices(year: YearContext, cycle: Mapping[str, Placed]) -> Iterator[Milestone]:
    for kind in (
        Kind.CONTACTS_RECONFIRMED,
        Kind.MINISTRIES_REQUEST,
        Kind.GOVERNMENT_DRAFT,
        Kind.PERSONNEL_NOTICE,
    ):
        yield Milestone(kind, year.manual(kind) or year.practice(kind))
    deadline = cycle[Kind.REQUEST_DEADLINE].estimate
    window = year.weeks_before(deadline.window, QUOTE_LEAD_TIME)
    rule = Estimate(window, Basis.PRACTICE, QUOTE_LEAD_TIME.source, year.template.confidence)
    quotes = year.manual(Kind.QUOTES_WANTED) or derived(deadline, window, rule)
    yield Milestone(Kind.QUOTES_WANTED, quotes)


def _cycle(year: YearContext, sessions: Mapping[str, Placed]) -> dict[str, Placed]:
    """The cycle of next year's budget in order, by milestone kind."""
    spring = {
        Kind.BUDGET_SUBMITTED: sessions[f"{Kind.SESSION_OPENS}:1"].estimate,
        Kind.BUDGET_VOTE: sessions[f"{Kind.SESSION_VOTE}:1"].estimate,
    }
    estimates: dict[str, Estimate] = {}
    for key, _ in CYCLE:
        if entered := year.manual(key):
            estimates[key] = entered
        elif key == Kind.BUDGET_VOTE and (seen := _observed_vote(year)):
            estimates[key] = seen
        elif key in spring:
            origin = spring[Kind(key)]
            tied = Estimate(origin.window, origin.basis, origin.source, _USUALLY_TIED)
            estimates[key] = derived(origin, origin.window, tied)
        else:
            estimates[key] = year.practice(key)
    first, last = first_day(year.fiscal_year), last_day(year.fiscal_year)
    return in_order(
        CYCLE, estimates, Window(first, first, last), year.business_days, SHIFTED_EARLIER
    )


def _observed_vote(year: YearContext) -> Estimate | None:
    """When the council passed next year's initial budget (当初予算), if it did within the year."""
    for session in year.held:
        if any(
            bill.kind is BudgetBillKind.INITIAL
            and bill.fiscal_year == year.fiscal_year + 1
            and bill.passed
            and not bill.decided_by_head
            for bill in session.bills
        ):
            return observed(session.last_vote_on, session)
    return None


def _budget_to_head(year: YearContext, vote: Estimate) -> Milestone:
    if entered := year.manual(Kind.BUDGET_TO_HEAD):
        return Milestone(Kind.BUDGET_TO_HEAD, entered)
    last = last_day(year.fiscal_year)  # it has to be in force on the day after
    window = Window(
        *(
            min(law.budget_to_head(day).day, last)
            for day in (vote.window.earliest, vote.window.likely, vote.window.latest)
        )
    )
    rule = Estimate(window, Basis.LAW, law.BUDGET_TO_HEAD, 1.0)
    return Milestone(Kind.BUDGET_TO_HEAD, derived(vote, window, rule))


def _settlement_recognised(year: YearContext, sessions: Mapping[str, Placed]) -> Milestone:
    if entered := year.manual(Kind.SETTLEMENT_RECOGNISED):
        return Milestone(Kind.SETTLEMENT_RECOGNISED, entered)
    vote = sessions[f"{Kind.SESSION_VOTE}:{_AUTUMN_SESSION}"].estimate
    source = f"{law.SETTLEMENT_RECOGNISED}; common practice: in the session around September"
    usual = Estimate(vote.window, Basis.PRACTICE, source, _USUALLY_TIED)
    return Milestone(Kind.SETTLEMENT_RECOGNISED, derived(vote, vote.window, usual))


def _phases(year: YearContext, cycle: Mapping[str, Placed]) -> tuple[PhaseSpan, ...]:
    first, last = first_day(year.fiscal_year), last_day(year.fiscal_year)
    begins = [Estimate(Window.on(first), Basis.LAW, law.FISCAL_YEAR, 1.0)]
    for phase in BudgetPhase:
        if phase is BudgetPhase.INFORMATION_GATHERING:
            continue
        kind, days_later = PHASE_BEGINS[phase]
        origin = cycle[kind].estimate
        # A vote on 31 March leaves that day to the phase after it, so that every phase has a day.
        window = Window(
            *(
                min(day + days_later * ONE_DAY, last)
                for day in (origin.window.earliest, origin.window.likely, origin.window.latest)
            )
        )
        begins.append(Estimate(window, origin.basis, origin.source, origin.confidence))
    ends = [after.window.shifted(-ONE_DAY) for _, after in pairwise(begins)]
    return tuple(
        PhaseSpan(*span) for span in zip(BudgetPhase, begins, [*ends, Window.on(last)], strict=True)
    )


def _warnings(year: YearContext, milestones: list[Milestone]) -> Iterator[Text]:
    if warning := term_warning(year):
        yield warning
    by_key = {m.key: m for m in milestones}
    submitted, deadline = by_key[Kind.BUDGET_SUBMITTED], by_key[Kind.SUBMISSION_DEADLINE]
    if submitted.likely > deadline.likely:
        yield _LATE
    for number in REGULAR_SESSIONS:
        predicted = year.predicted_sessions.get(number)
        vote = by_key[f"{Kind.SESSION_VOTE}:{number}"]
        if predicted and predicted.note and vote.estimate.basis is Basis.PREDICTED:
            yield predicted.note
    yield from _unused_sessions(year)


def _unused_sessions(year: YearContext) -> Iterator[Text]:
    """Observed regular sessions for which a year of four sessions has no place."""
    used = year.regular_sessions.values()
    for session in year.held:
        if session.kind is SessionKind.REGULAR and session not in used:
            yield Text(
                ja=f"{session.year}年第{session.number}回定例会（{session.last_vote_on}）は"
                "年4回の定例会に対応しないため、日程に使っていません。",
                en=f"Regular session {session.number} of {session.year} ({session.last_vote_on}) "
                "doesn't fit four regular sessions a year and is not used.",
            )
