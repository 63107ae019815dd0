"""Properties of every calendar, whatever is known and however it contradicts itself."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from budget_calendar.domain.budget_year.calendar import BudgetCalendar
from budget_calendar.domain.budget_year.corrections import CORRECTABLE, Correction, checked
from budget_calendar.domain.budget_year.templates import TEMPLATES
from budget_calendar.domain.calculation.calendar import compute_calendar
from budget_calendar.domain.calculation.context import MOVED, CalendarFacts, YearContext
from budget_calendar.domain.council.sessions import ObservedSession, PredictedSession, SessionKind
from budget_calendar.domain.fiscal_years import first_day, last_day
from budget_calendar.domain.municipality import Municipality
from budget_calendar.domain.windows import Basis, Estimate, Window
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_years import CHIBA, GUNMA, KANNA, KIRYU, a_correction

LEAP_AND_ELECTION_YEARS = (2023, 2026, 2027, 2031, 2032)
ONE_DAY = timedelta(days=1)


@st.composite
def windows(draw: st.DrawFn, fiscal_year: int) -> Window:
    days = st.dates(first_day(fiscal_year), last_day(fiscal_year))
    first = draw(days)
    if draw(st.booleans()):
        return Window.on(first)
    return Window(*sorted([first, draw(days), draw(days)]))


@st.composite
def years(draw: st.DrawFn) -> YearContext:
    """A year about which anything may have been said, contradictions included."""
    municipality = draw(st.sampled_from([KIRYU, CHIBA, GUNMA, KANNA]))
    fiscal_year = draw(st.one_of(st.sampled_from(LEAP_AND_ELECTION_YEARS), st.integers(2012, 2040)))
    corrections = [
        replace(
            a_correction(key, first_day(fiscal_year)),
            code=municipality.code,
            fiscal_year=fiscal_year,
            window=draw(windows(fiscal_year)),
        )
        for key in draw(st.lists(st.sampled_from(CORRECTABLE), max_size=6))
    ]
    facts = CalendarFacts(
        observed=tuple(draw(st.lists(observed_sessions(municipality, fiscal_year), max_size=4))),
        predicted=tuple(draw(st.lists(predicted_sessions(fiscal_year), max_size=4))),
        corrections=tuple(corrections),
        head_term_ends=draw(
            st.none() | st.dates(date(2010, 1, 1), date(2040, 12, 31)) | st.just(date(2028, 2, 29))
        ),
        year_round_session=draw(st.booleans()),
    )
    template = draw(st.sampled_from(list(TEMPLATES.values())))
    return YearContext(municipality, fiscal_year, facts, template, BUSINESS_DAYS)


@st.composite
def observed_sessions(
    draw: st.DrawFn, municipality: Municipality, fiscal_year: int
) -> ObservedSession:
    vote = draw(st.dates(first_day(fiscal_year), last_day(fiscal_year)))
    return ObservedSession(
        code=municipality.code,
        kind=draw(st.sampled_from(SessionKind)),
        year=vote.year,
        number=draw(st.integers(1, 5)),
        opens_on=draw(st.none() | st.dates(vote - timedelta(days=40), vote)),
        last_vote_on=vote,
        bills=(),
        source="minutes",
    )


@st.composite
def predicted_sessions(draw: st.DrawFn, fiscal_year: int) -> PredictedSession:
    number = draw(st.integers(1, 4))
    vote = Estimate(draw(windows(fiscal_year)), Basis.PREDICTED, "earlier years", 0.8)
    opens = replace(vote, window=vote.window.shifted(timedelta(days=-20)))
    return PredictedSession(
        fiscal_year + (number == 1), number, draw(st.sampled_from([None, opens])), vote
    )


def computed(year: YearContext) -> BudgetCalendar:
    return compute_calendar(
        year.municipality,
        year.fiscal_year,
        year.facts,
        business_days=year.business_days,
        template=year.template,
    )


MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(years())
def test_phases_cover_the_year_without_gap_or_overlap(year: YearContext) -> None:
    calendar = computed(year)
    first, last = first_day(year.fiscal_year), last_day(year.fiscal_year)
    assert [span.phase for span in calendar.phases] == list(BudgetPhase)
    assert calendar.phases[0].begins.window == Window.on(first)
    assert calendar.phases[-1].ends == Window.on(last)
    for before, after in pairwise(calendar.phases):
        assert before.ends.shifted(ONE_DAY) == after.begins.window
    for span in calendar.phases:
        begins = span.begins.window
        assert begins.earliest <= span.ends.earliest
        assert begins.likely <= span.ends.likely
        assert begins.latest <= span.ends.latest
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    stands = [calendar.phase_on(day).phase for day in days]
    assert stands == sorted(stands, key=list(BudgetPhase).index)
    assert set(stands) == set(BudgetPhase)


@MANY
@given(years())
def test_milestones_are_in_order_and_named_once(year: YearContext) -> None:
    calendar = computed(year)
    keys = [m.key for m in calendar.milestones]
    assert len(keys) == len(set(keys))
    assert [m.likely for m in calendar.milestones] == sorted(m.likely for m in calendar.milestones)
    assert all(0 < m.estimate.confidence <= 1 for m in calendar.milestones)
    by_key = {m.key: m.estimate.window for m in calendar.milestones}
    sessions = [f"session_{what}:{n}" for n in (2, 3, 4, 1) for what in ("opens", "vote")]
    cycle = ["requests_begin", "request_deadline", "finance_assessment_ends", "unofficial_notice"]
    for order in (sessions, [*cycle, "restoration_deadline", "budget_submitted", "budget_vote"]):
        for before, after in pairwise(order):
            assert by_key[before].earliest <= by_key[after].earliest
            assert by_key[before].likely <= by_key[after].likely
            assert by_key[before].latest <= by_key[after].latest


@MANY
@given(years())
def test_practice_keeps_office_hours_unless_something_better_known_leaves_no_room(
    year: YearContext,
) -> None:
    for milestone in computed(year).milestones:
        if milestone.estimate.basis is Basis.PRACTICE and MOVED.en not in (
            milestone.note.en if milestone.note else ""
        ):
            derived_from_a_date = milestone.kind in (
                "session_notice",  # counted by law, whatever day that is
                "head_election",  # a Sunday
                "budget_to_head",
                "post_election_supplementary",
                "budget_submitted",
                "budget_vote",
                "settlement_recognised",
            )
            assert derived_from_a_date or milestone.likely in BUSINESS_DAYS, milestone


@MANY
@given(years())
def test_a_skeleton_budget_is_never_certain(year: YearContext) -> None:
    skeleton = computed(year).skeleton
    assert skeleton is None or 0 < skeleton.probability < 1


@MANY
@given(st.data(), st.integers(2023, 2032))
def test_corrections_that_were_taken_hold_as_they_were_entered(
    data: st.DataObject, fiscal_year: int
) -> None:
    taken: list[Correction] = []
    for minute, key in enumerate(
        data.draw(st.lists(st.sampled_from(CORRECTABLE), min_size=1, max_size=8))
    ):
        correction = replace(
            a_correction(key, first_day(fiscal_year)),
            fiscal_year=fiscal_year,
            window=data.draw(windows(fiscal_year)),
            at=datetime(fiscal_year, 4, 1, 0, minute, tzinfo=UTC),
        )
        calendar = compute_calendar(
            KIRYU, fiscal_year, CalendarFacts(corrections=tuple(taken)), business_days=BUSINESS_DAYS
        )
        try:
            taken.append(
                checked(correction, calendar=calendar, standing=taken, today=first_day(fiscal_year))
            )
        except DomainError:
            continue
    assume(taken)
    calendar = compute_calendar(
        KIRYU, fiscal_year, CalendarFacts(corrections=tuple(taken)), business_days=BUSINESS_DAYS
    )
    newest = {c.key: c.window for c in taken}
    assert {key: calendar.milestone(key).estimate.window for key in newest} == newest  # type: ignore[union-attr]
