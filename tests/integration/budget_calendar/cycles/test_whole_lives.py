"""Budget cycles live through years on the time-skipping server."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
import pytest_asyncio
from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from budget_calendar.calendars.calculator import CalendarCalculator, CalendarInputs
from budget_calendar.cycles.messages import Correct
from budget_calendar.cycles.workflow import MunicipalBudgetCycleWorkflow as Cycle
from budget_calendar.domain.budget_year.calendar import BudgetCalendar, MilestoneKind
from budget_calendar.domain.budget_year.scheduled_events import LEAD_BUSINESS_DAYS, LONGEST_LEAD
from kakehashi_common.clock import japan_day
from kakehashi_common.contracts.budget_phases import MilestoneNear, PhaseEntered
from kakehashi_common.contracts.followup_triggers import ReasonArisen
from kakehashi_common.domain.budget_phases import BudgetPhase
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support import budget_lives, histories
from tests.support.budget_lives import Lives, at, inputs, lives, runs
from tests.support.budget_years import KIRYU, a_correction
from tests.support.temporal import temporal_server

APRIL = date(2026, 4, 1)
OCTOBER = date(2026, 10, 15)

CITY = CalendarInputs(KIRYU, head_term_ends=date(2027, 4, 30))
"""Its head is up for election in the unified local elections of April 2027."""


@pytest_asyncio.fixture(scope="module")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    async with budget_lives.environment() as started:
        yield started


@pytest_asyncio.fixture
async def alive(environment: WorkflowEnvironment) -> AsyncIterator[Lives]:
    async with lives(environment, CITY) as made:
        yield made


@pytest_asyncio.fixture
async def working(alive: Lives) -> AsyncIterator[Lives]:
    async with alive.working():
        yield alive


def calendars(source: CalendarInputs, *years: int) -> list[BudgetCalendar]:
    return [CalendarCalculator("published").calendar(source, year) for year in years]


def phases(alive: Lives) -> list[tuple[date, int, str, bool]]:
    return [
        (japan_day(when), each.fiscal_year, each.phase, each.standing)
        for when, each in alive.calendars.events(PhaseEntered)
    ]


def milestones(alive: Lives) -> list[tuple[date, int, str, int]]:
    return [
        (japan_day(when), each.fiscal_year, each.milestone, each.business_days_left)
        for when, each in alive.calendars.events(MilestoneNear)
    ]


async def test_five_fiscal_years_with_an_election_and_a_skeleton_budget(
    working: Lives, environment: WorkflowEnvironment
) -> None:
    handle = await working.follow(KIRYU.code, at(APRIL))
    end = date(2031, 3, 31)
    await working.until(at(end))

    years = calendars(CITY, *range(2026, 2032))
    entered = working.calendars.events(PhaseEntered)
    assert phases(working) == [
        (span.begins.window.likely, year.fiscal_year, span.phase.value, False)
        for year in years[:5]
        for span in year.phases
    ]
    for (_, this), (_, following) in pairwise(entered):
        assert following.begins.likely == this.ends_likely_on + timedelta(days=1)

    near = milestones(working)
    assert max(Counter(near).values()) == 1
    assert set(near) == {
        (day, year.fiscal_year, milestone.key, lead)
        for year in years
        for milestone in year.milestones
        for lead in LEAD_BUSINESS_DAYS
        if lead <= LONGEST_LEAD.get(milestone.kind, 0)
        and APRIL < (day := BUSINESS_DAYS.shift(milestone.likely, -lead)) <= end
    }
    for (when, _, _, lead), (_, milestone) in zip(
        near, working.calendars.events(MilestoneNear), strict=True
    ):
        to = milestone.window.likely
        assert BUSINESS_DAYS.count(when, to) - (to in BUSINESS_DAYS) == lead
        assert milestone.business_days_left == lead

    assert years[0].skeleton is not None
    told = {(year, key) for _, year, key, _ in near}
    assert (2027, MilestoneKind.HEAD_ELECTION) in told
    assert (2027, MilestoneKind.POST_ELECTION_SUPPLEMENTARY) in told
    reasons = [each for _, each in working.calendars.events(ReasonArisen)]
    assert {"head_may_change", "policy_items_return"} <= {each.reason for each in reasons}
    assert max(Counter((each.reason, each.good_from, each.label) for each in reasons).values()) == 1

    years_lived = await runs(handle, environment)
    assert len(years_lived) == 5
    assert max(len(history.events) for history in years_lived) < 1_000
    assert max(map(len, inputs(years_lived))) < 300


async def test_starting_late_says_where_it_stands_and_fires_nothing_past(working: Lives) -> None:
    handle = await working.follow(KIRYU.code, at(OCTOBER))
    await working.until(at(OCTOBER) + timedelta(hours=1))
    assert phases(working) == [(OCTOBER, 2026, BudgetPhase.DEPARTMENT_REQUESTS.value, True)]
    assert milestones(working) == []
    assert working.calendars.events(ReasonArisen) == []
    status = await handle.query(Cycle.standing)
    assert (status.fiscal_year, status.phase) == (2026, "department_requests")
    assert "各課の予算要求" in status.ja
    assert "Departments' requests" in status.en
    assert "request" in status.en.partition("Next: ")[2].lower()

    await working.until(at(date(2026, 12, 1)))
    assert min(day for day, *_ in milestones(working)) > OCTOBER
    assert [phase for *_, phase, standing in phases(working) if not standing] == [
        BudgetPhase.FINANCE_ASSESSMENT
    ]


async def test_who_is_followed_before_nine_in_the_morning_hears_of_the_phase_once(
    working: Lives,
) -> None:
    begins = next(
        span.begins.window.likely
        for span in calendars(CITY, 2026)[0].phases
        if span.phase is BudgetPhase.SUMMER_REVIEW
    )
    handle = await working.follow(KIRYU.code, at(begins, hour=5))
    await working.until(at(begins))
    await histories.record("budget_calendar", "cycle-enters-a-phase", handle, working.clock.ahead)
    assert phases(working) == [
        (begins, 2026, "information_gathering", True),
        (begins, 2026, "summer_review", False),
    ]


async def test_a_hundred_revisions_within_a_second_end_at_the_last(working: Lives) -> None:
    calendars = working.calendars
    handle = await working.follow(KIRYU.code, at(OCTOBER))
    await working.until(at(OCTOBER) + timedelta(hours=1))
    looks = calendars.looks
    calendars.held = asyncio.Event()
    there = calendars.municipalities[KIRYU.code]
    await handle.signal(Cycle.look_again)
    await working.looked(looks + 1)
    for revision in range(100):
        last = date(2026, 12, 1) + timedelta(days=revision % 20)
        there.inputs = replace(CITY, corrections=(a_correction("restoration_deadline", last),))
        await handle.signal(Cycle.look_again)
    calendars.held.set()
    await working.until(at(OCTOBER) + timedelta(hours=2))
    assert calendars.looks <= looks + 3
    await working.until(at(date(2027, 1, 5)))
    days = {
        milestone.window.likely
        for _, milestone in calendars.events(MilestoneNear)
        if milestone.milestone == MilestoneKind.RESTORATION_DEADLINE
    }
    assert days == {last}


async def test_a_revision_puts_the_municipality_in_another_phase_and_back(working: Lives) -> None:
    handle = await working.follow(KIRYU.code, at(OCTOBER))
    there = working.calendars.municipalities[KIRYU.code]
    early = replace(CITY, corrections=(a_correction("request_deadline", date(2026, 10, 12)),))
    for hours, source in enumerate([early, CITY, early, CITY], start=1):
        await working.until(at(OCTOBER) + timedelta(hours=hours))
        looks = working.calendars.looks
        there.inputs = source
        await handle.signal(Cycle.look_again)
        await working.looked(looks + 1)
    await working.until(at(OCTOBER) + timedelta(hours=5))
    requests, assessment = (
        BudgetPhase.DEPARTMENT_REQUESTS.value,
        BudgetPhase.FINANCE_ASSESSMENT.value,
    )
    assert phases(working) == [
        (OCTOBER, 2026, phase, True)
        for phase in (requests, assessment, requests, assessment, requests)
    ]


async def test_a_revision_fires_nothing_that_it_puts_into_the_past(working: Lives) -> None:
    handle = await working.follow(KIRYU.code, at(date(2026, 4, 20)))
    await working.until(at(date(2026, 5, 15), hour=15))
    before = milestones(working)
    # Thirty business days before 25 June is 14 May: yesterday.
    assert BUSINESS_DAYS.shift(date(2026, 6, 25), -30) == date(2026, 5, 14)
    working.calendars.municipalities[KIRYU.code].inputs = replace(
        CITY, corrections=(a_correction("policy_announced", date(2026, 6, 25)),)
    )
    await handle.signal(Cycle.look_again)
    await working.until(at(date(2026, 5, 18)))
    assert not {key for *_, key, _ in milestones(working)[len(before) :]} & {"policy_announced"}
    await working.until(at(date(2026, 6, 26)))
    assert not [each for each in milestones(working) if each[2:] == ("policy_announced", 30)]


async def test_what_falls_due_during_a_pause_stays_unannounced(working: Lives) -> None:
    handle = await working.follow(KIRYU.code, at(APRIL))
    await working.until(at(date(2026, 4, 2)))
    await handle.signal(Cycle.pause)
    told = len(milestones(working))
    await working.until(at(date(2026, 12, 1)))
    assert max(day for day, *_ in (*phases(working), *milestones(working))) <= date(2026, 4, 2)
    status = await handle.query(Cycle.standing)
    assert status.paused
    assert (status.ja.startswith("［一時停止中］"), status.en.startswith("[paused]")) == (
        True,
        True,
    )
    assert status.phase == BudgetPhase.FINANCE_ASSESSMENT

    await handle.signal(Cycle.resume)
    await working.until(at(date(2027, 1, 31)))
    assert phases(working)[1:] == [
        (date(2026, 12, 1), 2026, "finance_assessment", True),
        (date(2027, 1, 15), 2026, "head_assessment", False),
    ]
    assert min(day for day, *_ in milestones(working)[told:]) > date(2026, 12, 1)
    assert not (await handle.query(Cycle.standing)).paused


async def test_a_pause_outlives_the_fiscal_year(
    working: Lives, environment: WorkflowEnvironment
) -> None:
    handle = await working.follow(KIRYU.code, at(date(2027, 3, 25)))
    await handle.signal(Cycle.pause)
    await working.until(at(date(2027, 4, 5)))
    status = await handle.query(Cycle.standing)
    assert (status.paused, status.fiscal_year) == (True, 2027)
    assert [day for day, *_ in phases(working)] == [date(2027, 3, 25)]
    ended, goes_on = await runs(handle, environment)
    ahead = working.clock.ahead
    histories.keep("budget_calendar", "cycle-paused-and-continued", ended, ahead)
    histories.keep("budget_calendar", "cycle-paused", goes_on, ahead)


async def test_a_life_ends_when_it_is_followed_no_longer(working: Lives) -> None:
    handle = await working.follow(KIRYU.code, at(APRIL))
    working.calendars.municipalities[KIRYU.code].followed = False
    await handle.signal(Cycle.look_again)
    await asyncio.wait_for(handle.result(), timeout=30)
    assert len(phases(working)) == 1
    assert (await handle.query(Cycle.standing)).en == "Followed no longer"


async def test_unfollowed_and_followed_again_at_once_lives_on() -> None:
    """On a whole server: the time-skipping one acknowledges an end that it has refused.

    What has signals to come may not end. Temporal answers a worker that tries so with an error, and
    the worker begins the task again; the time-skipping server answers that all is well, and the
    worker may then send the same end, which is by now accepted, for the repeated task.
    """
    server = await temporal_server()
    environment = WorkflowEnvironment.from_client(server.client)
    async with lives(environment, CITY) as alive, alive.working():
        calendars = alive.calendars
        handle = await alive.follow(KIRYU.code, at(APRIL))
        calendars.held = asyncio.Event()
        calendars.municipalities[KIRYU.code].followed = False
        await handle.signal(Cycle.look_again)
        await alive.looked(2)  # it has seen that it is not followed, and has not acted on it
        calendars.municipalities[KIRYU.code].followed = True
        await handle.signal(Cycle.look_again)
        calendars.held.set()
        await alive.looked(3)

        await handle.signal(Cycle.look_again)
        await alive.looked(4)
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING


def corrected(key: str, day: date) -> Correct:
    return Correct(2026, key, day, day, day, "telephone", "the finance section told us", "4711")


async def test_an_operator_corrects_a_date(working: Lives) -> None:
    handle = await working.follow(KIRYU.code, at(OCTOBER))
    moved = await handle.execute_update(
        "correct", corrected("restoration_deadline", date(2027, 2, 5)), result_type=list[str]
    )
    assert "restoration_deadline" in moved
    await working.until(at(date(2027, 2, 10)))
    assert {
        each.window.likely
        for _, each in working.calendars.events(MilestoneNear)
        if each.milestone == "restoration_deadline"
    } == {date(2027, 2, 5)}


@pytest.mark.parametrize(
    ("correction", "code"),
    [
        (corrected("harvest_festival", date(2026, 11, 3)), "unknown_milestone"),
        (corrected("session_vote:9", date(2026, 11, 3)), "unknown_session"),
        (corrected("request_deadline", date(2027, 6, 1)), "outside_fiscal_year"),
        (corrected("summer_review_begins", date(2026, 7, 3)), "revision_into_the_past"),
        (replace(corrected("request_deadline", date(2026, 11, 9)), reason=" "), "reason_missing"),
        (
            replace(corrected("request_deadline", date(2026, 11, 9)), latest=date(2026, 11, 1)),
            "window_out_of_order",
        ),
    ],
)
async def test_a_refused_correction_changes_nothing_and_says_why(
    working: Lives, correction: Correct, code: str
) -> None:
    handle = await working.follow(KIRYU.code, at(OCTOBER))
    status = await handle.query(Cycle.standing)
    with pytest.raises(WorkflowUpdateFailedError) as failed:
        await handle.execute_update("correct", correction)
    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == code
    assert cause.message
    assert working.calendars.municipalities[KIRYU.code].inputs == CITY
    assert await handle.query(Cycle.standing) == status


async def test_a_life_goes_on_with_a_worker_deployed_in_between(alive: Lives) -> None:
    # Nothing cached: the time-skipping server would wait for the first worker's cache for ever,
    # and each worker knows the life from its history alone.
    async with alive.working(max_cached_workflows=0):
        await alive.follow(KIRYU.code, at(APRIL))
        await alive.until(at(date(2026, 8, 1)))
    async with alive.working(max_cached_workflows=0):
        await alive.until(at(date(2026, 12, 1)))
    async with alive.working():
        await alive.until(at(date(2027, 6, 1)))
    entered = phases(alive)
    assert [(year, phase) for _, year, phase, _ in entered] == [
        *((2026, phase.value) for phase in BudgetPhase),
        (2027, "information_gathering"),
    ]
    assert not any(standing for *_, standing in entered)
    assert max(Counter(milestones(alive)).values()) == 1


async def test_no_moment_is_lost_while_the_database_is_away_overnight(
    working: Lives, environment: WorkflowEnvironment
) -> None:
    handle = await working.follow(KIRYU.code, at(date(2027, 4, 1), hour=8))
    working.calendars.away = True
    await working.until(at(date(2027, 4, 2), hour=1))
    assert phases(working)[1:] == []
    working.calendars.away = False
    await working.until(at(date(2027, 4, 2), hour=2))
    assert phases(working)[1:] == [(date(2027, 4, 1), 2027, "information_gathering", False)]
    assert max(len(run.events) for run in await runs(handle, environment)) < 5_000
