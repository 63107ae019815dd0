from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.pursuit import PursuitState, decide, due, next_wakeup
from budget_calendar.domain.pursuit.commands import (
    Begin,
    Cancel,
    ChooseRoute,
    Command,
    Confirm,
    ConfirmationOverdue,
    EndPause,
    OpenSuccessor,
    Pause,
    Resume,
    Review,
    ReviseGoal,
    RoutesPlanned,
)
from budget_calendar.domain.pursuit.narrative import narrative, summary
from budget_calendar.domain.pursuit.state import Level, Status
from budget_calendar.domain.stages import OUTCOMES, Outcome, Stage
from kakehashi_common.domain.errors import DomainError
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.budget_calendars import a_calendar, a_subsidy
from tests.support.pursuits import OWNER, Life

STATE = TypeAdapter(PursuitState)
START = date(2026, 4, 1)
DAY = timedelta(days=1)
ONE_OFF = PursuitGoal("digital", 12_000_000, date(2027, 4, 1), ContractCategory.SERVICES)
GOALS = (
    ONE_OFF,
    PursuitGoal("digital", 30_000_000, date(2027, 4, 1), ContractCategory.LEASE, years=2),
    PursuitGoal("digital", 800_000, date(2026, 8, 1), ContractCategory.SERVICES, years=1),
    PursuitGoal("digital", 500_000, date(2026, 9, 1), ContractCategory.PURCHASE),
)

cached_calendar = cache(a_calendar)

ANY_OUTCOME = st.sampled_from(Outcome)
BY = st.sampled_from([OWNER, ""])
AGO = st.integers(-3, 40)


@st.composite
def commands(draw: st.DrawFn, life: Life) -> Command:
    """Any command, half of them such that they could make sense."""
    today, state = life.today, life.state
    stages = [step.stage for step in state.open_steps]
    likely = bool(stages) and draw(st.integers(0, 3)) > 0
    stage = draw(st.sampled_from(stages if likely else list(Stage)))
    on, days_away = today - DAY * draw(AGO), DAY * 30 * draw(AGO)
    choices: list[Callable[[], Command]] = [
        lambda: Confirm(stage, draw(ANY_OUTCOME), on, draw(BY)),
        lambda: Confirm(stage, draw(st.sampled_from(OUTCOMES[stage])), today, OWNER),
        lambda: Confirm(stage, Outcome.DONE, today, OWNER),
        lambda: Confirm(stage, Outcome.DONE, today, OWNER),
        lambda: ChooseRoute(draw(st.sampled_from([r.id for r in state.routes] or [""])), draw(BY)),
        lambda: ReviseGoal(draw(st.sampled_from(GOALS)), draw(BY)),
        lambda: Pause(today + days_away, draw(BY)),
        lambda: Resume(draw(BY)),
        lambda: RoutesPlanned(life.routes(state.goal)),
        lambda: ConfirmationOverdue(stage, draw(st.sampled_from(Level))),
        lambda: Begin(stage),
        EndPause,
        Review,
        OpenSuccessor,
        lambda: RoutesPlanned(()),
    ]
    if draw(st.integers(0, 9)) == 0:
        choices.append(lambda: Cancel(OWNER))
    return draw(st.sampled_from(choices))()


@settings(deadline=None, max_examples=60)
@given(data=st.data(), goal=st.sampled_from(GOALS))
def test_any_commands_leave_a_pursuit_that_ends_or_has_a_next_day(
    data: st.DataObject, goal: PursuitGoal
) -> None:
    life = Life(goal, START, calendar_of=cached_calendar, subsidies=[a_subsidy()])
    for _ in range(data.draw(st.integers(1, 25), label="commands")):
        life.until(life.today + DAY * data.draw(st.sampled_from([0, 0, 1, 7, 30, 120])))
        command = data.draw(commands(life))
        before = life.state
        try:
            life.do(command)
        except DomainError:
            assert life.state is before
        else:
            assert life.state.version > before.version
        check(life)
    assert all(tell.good_from <= tell.good_until for tell in life.told())


def check(life: Life) -> None:
    state = life.state
    wakeup = next_wakeup(state, life.today, BUSINESS_DAYS)
    assert (wakeup is None) is (state.status is Status.ENDED)
    assert wakeup is None or wakeup >= life.today
    assert (state.ending is None) is (state.status is not Status.ENDED)
    assert STATE.validate_json(STATE.dump_json(state)) == state
    assert all(text.ja.endswith("。") and text.en.endswith(".") for text in narrative(state))
    assert summary(state).ja
    if state.status is Status.ACTIVE and state.route:
        assert state.open_steps
    if wakeup:
        # What the clock brings is never refused, and what it has brought is not brought again.
        first = due(state, wakeup, BUSINESS_DAYS)[0]
        decided = decide(state, first, wakeup, BUSINESS_DAYS).state
        assert decided.version == state.version + 1
        assert first not in due(decided, wakeup, BUSINESS_DAYS)


@settings(deadline=None, max_examples=15)
@given(goal=st.sampled_from(GOALS), opened=st.dates(START, date(2027, 3, 31)))
def test_a_pursuit_that_nobody_answers_is_reminded_of_for_years(
    goal: PursuitGoal, opened: date
) -> None:
    life = Life(goal, opened, calendar_of=cached_calendar)
    life.until(date(2030, 3, 31))
    spoken = [opened, *(tell.good_from for tell in life.told()), date(2030, 3, 31)]
    gaps = [(after - before).days for before, after in pairwise(spoken)]
    assert max(gaps) <= 240
    assert life.state.status is Status.ACTIVE
