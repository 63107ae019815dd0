"""The council's regular sessions (定例会) of a fiscal year, and what comes with each of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from budget_calendar.domain.budget_year import law
from budget_calendar.domain.budget_year.calendar import SESSIONS_COUNTED, Milestone
from budget_calendar.domain.budget_year.calendar import MilestoneKind as Kind
from budget_calendar.domain.budget_year.ordering import (
    REGULAR_SESSIONS,
    SESSIONS,
    Placed,
    derived,
    in_order,
)
from budget_calendar.domain.budget_year.templates import SUPPLEMENTARY_LEAD_TIME
from budget_calendar.domain.calculation.context import MOVED, YearContext, observed
from budget_calendar.domain.council.sessions import ObservedSession, SessionKind
from budget_calendar.domain.fiscal_years import first_day, last_day
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.texts import Text

_TOLERANCE = timedelta(days=7)
"""The tolerated difference from the usual length of a session (common practice)."""


def sessions_in_order(year: YearContext) -> dict[str, Placed]:
    """Opening and last voting day of sessions 2, 3, 4 and 1, by milestone key."""
    estimates: dict[str, Estimate] = {}
    for number in REGULAR_SESSIONS:
        opens, vote = _session(year, number)
        estimates[f"{Kind.SESSION_OPENS}:{number}"] = opens
        estimates[f"{Kind.SESSION_VOTE}:{number}"] = vote
    first, last = first_day(year.fiscal_year), last_day(year.fiscal_year)
    votes = [key for key, _ in SESSIONS if key.startswith(Kind.SESSION_VOTE)]
    return in_order(SESSIONS, estimates, Window(first, first, last), year.business_days, votes)


def session_milestones(year: YearContext, placed: Mapping[str, Placed]) -> Iterator[Milestone]:
    """Everything that is numbered, with regular sessions as ``sessions_in_order`` placed them."""
    for number in REGULAR_SESSIONS:
        opens = placed[f"{Kind.SESSION_OPENS}:{number}"]
        vote = placed[f"{Kind.SESSION_VOTE}:{number}"]
        opens_note = MOVED if opens.moved else _predicted_note(year, number, opens.estimate)
        seen = year.regular_sessions.get(number)
        vote_note = _together(
            MOVED if vote.moved else _predicted_note(year, number, vote.estimate),
            _held(seen, number) if seen else _expected(year, number),
        )
        yield Milestone(Kind.SESSION_OPENS, opens.estimate, number, opens_note)
        yield Milestone(Kind.SESSION_VOTE, vote.estimate, number, vote_note)
        if not year.facts.year_round_session or year.manual(f"{Kind.SESSION_NOTICE}:{number}"):
            yield _notice(year, number, opens.estimate)
        yield _request_deadline(year, number, opens.estimate)
    called = {
        session.year * SESSIONS_COUNTED + session.number: session
        for session in reversed(year.held)
        if session.kind is SessionKind.EXTRAORDINARY
    }
    for number, session in called.items():
        held = observed(session.last_vote_on, session)
        yield Milestone(Kind.EXTRAORDINARY_SESSION, held, number, _held(session, session.number))


def _session(year: YearContext, number: int) -> tuple[Estimate, Estimate]:
    """Opening and last vote; where only one of them is facts, the other is as far as usual."""
    usual_opens = year.practice(f"{Kind.SESSION_OPENS}:{number}")
    usual_vote = year.practice(f"{Kind.SESSION_VOTE}:{number}")
    length = usual_vote.window.likely - usual_opens.window.likely
    opens, vote = _known_opening(year, number), _known_vote(year, number)
    if opens is None and vote is not None:
        opens = _at_distance(vote, -length, usual_opens, year.business_days.on_or_after)
    if vote is None and opens is not None:
        vote = _at_distance(opens, length, usual_vote, year.business_days.on_or_before)
    return opens or usual_opens, vote or usual_vote


def _known_opening(year: YearContext, number: int) -> Estimate | None:
    if entered := year.manual(f"{Kind.SESSION_OPENS}:{number}"):
        return entered
    if seen := year.regular_sessions.get(number):
        return observed(seen.opens_on, seen) if seen.opens_on else None
    if number == 1 and (submitted := year.manual(Kind.BUDGET_SUBMITTED)):
        return submitted  # the budget is submitted on the first day (common practice)
    predicted = year.predicted_sessions.get(number)
    return predicted.opens if predicted else None


def _known_vote(year: YearContext, number: int) -> Estimate | None:
    if entered := year.manual(f"{Kind.SESSION_VOTE}:{number}"):
        return entered
    if seen := year.regular_sessions.get(number):
        return observed(seen.last_vote_on, seen)
    if number == 1 and (voted := year.manual(Kind.BUDGET_VOTE)):
        return voted  # the budget is voted on the last day (common practice)
    predicted = year.predicted_sessions.get(number)
    return predicted.last_vote if predicted else None


def _at_distance(
    origin: Estimate, by: timedelta, usual: Estimate, to_business_day: Callable[[date], date]
) -> Estimate:
    at = origin.window.shifted(by)
    window = Window(
        to_business_day(at.earliest - _TOLERANCE),
        to_business_day(at.likely),
        to_business_day(at.latest + _TOLERANCE),
    )
    return derived(origin, window, replace(usual, source="usual length of the session"))


def _notice(year: YearContext, number: int, opens: Estimate) -> Milestone:
    if entered := year.manual(f"{Kind.SESSION_NOTICE}:{number}"):
        return Milestone(Kind.SESSION_NOTICE, entered, number)
    by_law = law.session_notice(year.municipality.type, opens.window.likely)
    window = opens.window.shifted(by_law.day - opens.window.likely)
    rule = Estimate(window, Basis.LAW, by_law.article, 1.0)
    return Milestone(Kind.SESSION_NOTICE, derived(opens, window, rule), number, by_law.note)


def _request_deadline(year: YearContext, number: int, opens: Estimate) -> Milestone:
    kind = Kind.SUPPLEMENTARY_REQUEST_DEADLINE
    if entered := year.manual(f"{kind}:{number}"):
        return Milestone(kind, entered, number)
    lead = SUPPLEMENTARY_LEAD_TIME[year.group]
    window = year.weeks_before(opens.window, lead)
    rule = Estimate(window, Basis.PRACTICE, lead.source, year.template.confidence)
    return Milestone(kind, derived(opens, window, rule), number)


def _held(session: ObservedSession, place: int) -> Text | None:
    """Return a note about a past session: its number, if unusual, and the budgets it passed."""
    passed = session.supplementary_passed
    return _together(
        Text(
            ja=f"議会では{session.year}年第{session.number}回。",
            en=f"The council counts it as number {session.number} of {session.year}.",
        )
        if session.number != place
        else None,
        Text(
            ja=f"補正予算{passed}件を可決。",
            en=f"{passed} supplementary budget{'' if passed == 1 else 's'} passed.",
        )
        if passed
        else None,
    )


def _predicted_note(year: YearContext, number: int, estimate: Estimate) -> Text | None:
    predicted = year.predicted_sessions.get(number)
    return predicted.note if predicted and estimate.basis is Basis.PREDICTED else None


def _expected(year: YearContext, number: int) -> Text | None:
    """Return a note about the supplementary budgets that a coming session is likely to pass."""
    predicted = year.predicted_sessions.get(number)
    budgets = predicted.budgets if predicted else None
    if not budgets or not budgets.high:
        return None
    return Text(
        ja=f"補正予算は{budgets.low}～{budgets.high}件の見込み。",
        en=f"{budgets.low} to {budgets.high} supplementary budgets are expected.",
    )


def _together(*notes: Text | None) -> Text | None:
    said = [note for note in notes if note]
    if not said:
        return None
    return Text(ja="".join(note.ja for note in said), en=" ".join(note.en for note in said))
