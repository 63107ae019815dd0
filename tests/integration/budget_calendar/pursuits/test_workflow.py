"""Whole pursuits as workflows on the time-skipping server."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest
import pytest_asyncio
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowFailureError, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from budget_calendar.domain.goals import ContractCategory, PursuitGoal
from budget_calendar.domain.pursuit.commands import (
    Cancel,
    ChooseRoute,
    Confirm,
    Pause,
    Resume,
    ReviseGoal,
)
from budget_calendar.domain.pursuit.state import Ending, HistoryEntryKind, Status
from budget_calendar.domain.stages import Outcome, Stage
from budget_calendar.pursuits.messages import OpenPursuit
from budget_calendar.pursuits.workflow import PursuitWorkflow
from kakehashi_common.contracts.budget_phases import PursuitBudgeted, PursuitCut
from kakehashi_common.temporal.time_skipping import time_skipping
from tests.support import stack
from tests.support.budget_calendars import KIRYU
from tests.support.histories import keep, record
from tests.support.pursuit_workflows import OWNER, PursuitLives, ask, pursuit_lives, refusal, runs
from tests.support.waiting import eventually

CONFIRM = PursuitWorkflow.confirm
ONE_OFF = PursuitGoal("digital", 12_000_000, date(2027, 4, 1), ContractCategory.SERVICES)
FIVE_YEARS = PursuitGoal("digital", 30_000_000, date(2027, 4, 1), ContractCategory.LEASE, years=5)


@pytest_asyncio.fixture(scope="module")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    async with time_skipping(stack.time_skipping_test_server()) as started:
        yield started


@pytest_asyncio.fixture
async def lives(environment: WorkflowEnvironment) -> AsyncIterator[PursuitLives]:
    async with pursuit_lives(environment) as made:
        yield made


async def until_requested(lives: PursuitLives) -> None:
    await lives.confirm(Stage.STUDY_SESSIONS, Outcome.SKIPPED, on=date(2026, 6, 15))
    await lives.confirm(Stage.HEARINGS, on=date(2026, 7, 10))
    await lives.confirm(Stage.QUOTE, on=date(2026, 8, 12))
    await lives.confirm(Stage.REQUEST, on=date(2026, 10, 15))


async def test_cut_at_assessment_restored_struck_out_by_the_council_then_budgeted_in_june(
    lives: PursuitLives,
) -> None:
    async with lives.working():
        await lives.open(ONE_OFF, date(2026, 5, 11))
        await until_requested(lives)
        await lives.confirm(Stage.ASSESSMENT, Outcome.CUT, on=date(2027, 1, 22))
        await lives.confirm(Stage.ASSESSMENT, Outcome.RESTORED, on=date(2027, 1, 29))
        struck_out = await lives.confirm(Stage.VOTE, Outcome.CUT, on=date(2027, 3, 20))
        assert "supplementary" in struck_out.en  # the answer knows the new route already
        await lives.confirm(Stage.QUOTE, on=date(2027, 3, 25))
        await lives.confirm(Stage.REQUEST, on=date(2027, 4, 5))
        await lives.confirm(Stage.ASSESSMENT, on=date(2027, 6, 1))
        await lives.confirm(Stage.VOTE, on=date(2027, 6, 24))
        facts = lives.calendars.events(PursuitCut, PursuitBudgeted)
    assert [each.TYPE for each in facts] == [PursuitCut.TYPE, PursuitCut.TYPE, PursuitBudgeted.TYPE]
    restoration, june, budgeted = facts
    assert isinstance(restoration, PursuitCut)
    assert isinstance(june, PursuitCut)
    assert isinstance(budgeted, PursuitBudgeted)
    assert (restoration.proposed_next, june.proposed_next) == (
        "restoration",
        "supplementary_budget",
    )
    assert (budgeted.route, budgeted.budgeted_on) == ("supplementary_budget", date(2027, 6, 24))


async def test_a_five_year_contract_runs_to_its_renewal_and_its_successor_goes_on(
    lives: PursuitLives,
) -> None:
    async with lives.working():
        handle = await lives.open(FIVE_YEARS, date(2026, 5, 11))
        await until_requested(lives)
        await lives.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
        await lives.confirm(Stage.VOTE, on=date(2027, 3, 19))
        await lives.confirm(Stage.CONTRACT, on=date(2027, 4, 1))
        await lives.until(date(2031, 3, 31))
        assert list(lives.acts.recorded) == ["p-1"]
        await lives.until(date(2031, 4, 1))
        successor = await lives.recorded("p-1-2")
        assert successor.goal.wanted_start == date(2032, 4, 1)
        assert successor.goal.continues_contract
        assert successor.route is not None
        assert successor.route.id == "long_term_contract:2032"
        await lives.confirm(Stage.EXECUTION, on=date(2032, 3, 31))
        await lives.confirm(Stage.RENEWAL, on=date(2032, 4, 1))
        assert await handle.result() == "Ended: renewed: its successor goes on"
        await record("budget_calendar", "pursuit-renewed", handle, lives.clock.ahead)
        assert (await lives.state("p-1-2")).status is Status.ACTIVE
    assert len(lives.calendars.reasons("renewal_begins")) == 1


async def test_silence_reminds_then_escalates_once_each(lives: PursuitLives) -> None:
    async with lives.working():
        await lives.open(ONE_OFF, date(2026, 9, 1))
        await lives.confirm(Stage.QUOTE, on=date(2026, 9, 10))
        await lives.until(date(2026, 11, 30))
        asked = [
            (told.good_from, told.urgent)
            for told in lives.calendars.reasons("stage_unconfirmed")
            if told.good_from > date(2026, 10, 30)
        ]
    # Likely on Friday, 30 October: three and ten business days later, 3 November is a holiday.
    assert asked == [(date(2026, 11, 5), False), (date(2026, 11, 16), True)]


async def test_a_revised_calendar_moves_the_dates_and_a_hundred_revisions_are_one_line(
    lives: PursuitLives,
) -> None:
    async with lives.working():
        handle = await lives.open(ONE_OFF, date(2026, 5, 11))
        for day in (*range(1, 29), 30):
            lives.calendars.moved[2026] = {"request_deadline": date(2026, 9, day)}
            await handle.signal(PursuitWorkflow.calendar_changed)
        await eventually(lambda: _due(lives, Stage.REQUEST) == date(2026, 9, 30))
    kinds = [each.kind for each in lives.acts.recorded["p-1"].state.history]
    assert kinds.count(HistoryEntryKind.DATES_MOVED) == 1
    assert lives.acts.plans < 30  # those that come while one is planned are planned at once


async def test_a_pause_is_silent_and_ends_by_itself(lives: PursuitLives) -> None:
    async with lives.working():
        handle = await lives.open(ONE_OFF, date(2026, 5, 11))
        paused = await ask(
            handle, PursuitWorkflow.pause, Pause(date(2026, 9, 1), OWNER, "budget freeze")
        )
        assert (paused.status, paused.next_action_on) == ("paused", date(2026, 9, 1))
        told = len(lives.calendars.published)
        await lives.until(date(2026, 8, 31))
        assert len(lives.calendars.published) == told
        await lives.until(date(2026, 9, 1))
        await eventually(lambda: lives.calendars.reasons("resumed"), what="the end of the pause")
        assert (await lives.state()).status is Status.ACTIVE


async def test_a_pause_can_be_ended_early_and_a_pursuit_be_cancelled(lives: PursuitLives) -> None:
    async with lives.working():
        handle = await lives.open(ONE_OFF, date(2026, 5, 11))
        pause = Pause(date(2026, 9, 1), OWNER)
        await ask(handle, PursuitWorkflow.pause, pause)
        resumed = await ask(handle, PursuitWorkflow.resume, Resume(OWNER))
        assert resumed.status == "active"
        cancelled = await ask(handle, PursuitWorkflow.cancel, Cancel(OWNER))
        assert (cancelled.status, cancelled.stage) == ("ended", "ended")
        assert await handle.result() == "Ended: cancelled"
    who = [(act.who, act.what) for act in lives.acts.acts("p-1")]
    assert who == [
        (OWNER, "open_pursuit"),
        (OWNER, "pause_pursuit"),
        (OWNER, "resume_pursuit"),
        (OWNER, "cancel_pursuit"),
    ]


@pytest.mark.parametrize(("paused", "cached"), [(False, 1000), (True, 1000), (False, 0)])
async def test_a_workflow_that_is_cancelled_in_the_ui_gives_the_pursuit_up_aloud(
    lives: PursuitLives, cached: int, *, paused: bool
) -> None:
    async with lives.working(max_cached_workflows=cached):
        handle = await lives.open(ONE_OFF, date(2026, 5, 11))
        if paused:
            pause = Pause(date(2026, 9, 1), OWNER)
            await ask(handle, PursuitWorkflow.pause, pause)
        await handle.cancel(reason="the city has decided against it")
        assert await handle.result() == "Ended: cancelled"
        await record("budget_calendar", "pursuit-cancelled", handle, lives.clock.ahead)
    ended = lives.acts.recorded["p-1"].state
    assert (ended.status, ended.ending) == (Status.ENDED, Ending.CANCELLED)
    assert ended.history[-1].note == "the city has decided against it"
    last = lives.acts.acts("p-1")[-1]
    assert (last.who, last.what, last.origin) == ("temporal", "cancel_pursuit", "temporal")


async def test_a_workflow_that_is_cancelled_as_it_is_opened_is_opened_and_given_up(
    lives: PursuitLives,
) -> None:
    async with lives.working():
        handle = await lives.start(ONE_OFF, date(2026, 5, 11))
        await handle.cancel()
        assert await handle.result() == "Ended: cancelled"
    who = [act.what for act in lives.acts.acts("p-1")]
    assert who == ["open_pursuit", "cancel_pursuit"]


async def test_refused_messages_answer_with_code_and_field_and_leave_no_trace(
    lives: PursuitLives,
) -> None:
    async with lives.working():
        handle = await lives.open(ONE_OFF, date(2026, 5, 11))
        await lives.confirm(Stage.HEARINGS, on=date(2026, 7, 10))
        before, history = await lives.state(), await handle.fetch_history()

        def said(stage: Stage, outcome: Outcome, on: date, by: str = OWNER) -> Confirm:
            return Confirm(stage, outcome, on, by)

        today = date(2026, 7, 10)
        done = Outcome.DONE
        refused = {
            name: (await refusal(handle, update, message))
            for name, (update, message) in {
                "passed": (CONFIRM, said(Stage.HEARINGS, done, today)),
                "not reached": (CONFIRM, said(Stage.VOTE, done, today)),
                "not on this route": (CONFIRM, said(Stage.RENEWAL, done, today)),
                "no such outcome": (CONFIRM, said(Stage.QUOTE, Outcome.CUT, today)),
                "tomorrow": (CONFIRM, said(Stage.QUOTE, done, date(2026, 7, 11))),
                "before the last stage": (CONFIRM, said(Stage.QUOTE, done, date(2026, 7, 9))),
                "by nobody": (CONFIRM, said(Stage.QUOTE, done, today, " ")),
                "unknown route": (
                    PursuitWorkflow.choose_route,
                    ChooseRoute("lottery", OWNER),
                ),
                "same goal": (PursuitWorkflow.revise_goal, ReviseGoal(ONE_OFF, OWNER)),
                "pause into the past": (PursuitWorkflow.pause, Pause(today, OWNER)),
                "not paused": (PursuitWorkflow.resume, Resume(OWNER)),
            }.items()
        }
        after = await handle.fetch_history()
        assert refused == {
            "passed": ("stage_passed", "stage"),
            "not reached": ("stage_not_reached", "stage"),
            "not on this route": ("stage_not_on_route", "stage"),
            "no such outcome": ("outcome_unknown", "outcome"),
            "tomorrow": ("date_in_future", "on"),
            "before the last stage": ("date_before_previous_stage", "on"),
            "by nobody": ("by_missing", "by"),
            "unknown route": ("route_unknown", "route_id"),
            "same goal": ("goal_unchanged", "goal"),
            "pause into the past": ("date_in_past", "until"),
            "not paused": ("not_paused", None),
        }
        assert await lives.state() == before
        assert _updates(after) == _updates(history)


async def test_a_refused_signal_is_in_the_history_and_stops_nothing(
    lives: PursuitLives,
) -> None:
    async with lives.working():
        handle = await lives.open(ONE_OFF, date(2026, 5, 11))
        nonsense = Confirm(Stage.VOTE, Outcome.DONE, date(2026, 5, 11), OWNER)
        await handle.signal("confirm", nonsense)
        await handle.signal("confirm", {"stage": "lunch"})
        acts = ["open_pursuit", "refuse_message", "refuse_message"]
        await eventually(
            lambda: [act.what for act in lives.acts.acts("p-1")] == acts, what="both are refused"
        )
        told = await handle.query(PursuitWorkflow.story)
        assert told.en[-4] == (
            "11 May 2026: what was asked was refused (council vote has not been reached: confirm "
            "request first)."
        )
        assert told.en[-3].startswith("11 May 2026: what was asked was refused (confirm: stage: ")
        assert told.ja[-4] == (
            "2026年5月11日、送られた指示は受け付けられませんでした（段階の結果を記録、"
            "理由コード：stage_not_reached、council vote has not been reached: confirm request "
            "first）。"
        )
        assert told.ja[-3] == (
            "2026年5月11日、送られた指示は受け付けられませんでした（confirm：stage：選択できない"
            "値です、outcome：必須の項目です、on：必須の項目です、by：必須の項目です）。"
        )
        assert len(told.ja) == len(told.en)
        await handle.signal("pause", Pause(date(2026, 6, 1), OWNER))
        await eventually(
            lambda: lives.acts.recorded["p-1"].state.status is Status.PAUSED, what="it is paused"
        )
        await record("budget_calendar", "pursuit-refusals-told", handle, lives.clock.ahead)


@pytest.mark.parametrize("owner", ["  ", "\0", "x" * 65])
async def test_an_opening_that_the_domain_refuses_fails_the_workflow(
    lives: PursuitLives, owner: str
) -> None:
    async with lives.working():
        handle = await lives.start(ONE_OFF, date(2026, 5, 11), owner=owner)
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
        assert "owner" in str(failed.value.cause)


async def test_a_goal_whose_start_is_past_or_too_far_is_refused_as_over_http(
    lives: PursuitLives,
) -> None:
    async with lives.working():
        handle = await lives.open(ONE_OFF, date(2026, 5, 11))
        for start, code in (
            (date(2026, 5, 10), "date_in_past"),
            (date(9999, 12, 31), "date_too_far"),
        ):
            message = ReviseGoal(replace(ONE_OFF, wanted_start=start), OWNER)
            refused = await refusal(handle, PursuitWorkflow.revise_goal, message)
            assert refused == (code, "goal/wanted_start")
            await handle.signal("revise_goal", message)
        acts = ["open_pursuit", "refuse_message", "refuse_message"]
        await eventually(
            lambda: [act.what for act in lives.acts.acts("p-1")] == acts, what="both are refused"
        )
        assert (await lives.state()).goal == ONE_OFF


async def test_goal_and_route_can_be_changed(lives: PursuitLives) -> None:
    async with lives.working():
        handle = await lives.open(ONE_OFF, date(2026, 5, 11))
        smaller = replace(ONE_OFF, amount=900_000, wanted_start=date(2026, 9, 1))
        await ask(handle, PursuitWorkflow.revise_goal, ReviseGoal(smaller, OWNER))
        planned = await handle.query(PursuitWorkflow.plan)
        present = (await lives.state()).route
        assert present is not None
        other = next(r for r in planned if r.feasible and r.steps and r.id != present.id)
        await ask(handle, PursuitWorkflow.choose_route, ChooseRoute(other.id, OWNER))
        route = (await lives.state()).route
        assert route is not None
        assert route.id == other.id
        await record("budget_calendar", "pursuit-revised", handle, lives.clock.ahead)


async def test_opening_the_same_again_answers_and_another_under_its_id_is_refused(
    lives: PursuitLives,
) -> None:
    async with lives.working():
        handle = await lives.open(ONE_OFF, date(2026, 5, 11))
        same = OpenPursuit("p-1", KIRYU.code, OWNER, ONE_OFF)
        standing = await ask(handle, PursuitWorkflow.open_again, same)
        assert standing.pursuit_id == "p-1"
        other = replace(same, owner="fs-west")
        assert (await refusal(handle, PursuitWorkflow.open_again, other))[0] == "pursuit_exists"


async def test_a_worker_deployed_in_mid_life_goes_on_where_the_last_one_stopped(
    lives: PursuitLives,
) -> None:
    # Nothing cached: the server would wait for the first worker's cache for ever, and each task
    # replays the whole history.
    async with lives.working(max_cached_workflows=0):
        await lives.open(ONE_OFF, date(2026, 5, 11))
        await lives.confirm(Stage.HEARINGS, on=date(2026, 7, 10))
        before = await lives.state()
    async with lives.working(max_cached_workflows=0):
        await lives.confirm(Stage.QUOTE, on=date(2026, 8, 12))
    async with lives.working(max_cached_workflows=0):
        await lives.confirm(Stage.REQUEST, on=date(2026, 10, 15))
        after = await lives.state()
    assert after.requested
    assert after.history[: len(before.history)] == before.history


async def test_each_fiscal_year_is_a_run_of_its_own(lives: PursuitLives) -> None:
    async with lives.working():
        handle = await lives.open(FIVE_YEARS, date(2026, 5, 11))
        await until_requested(lives)
        await lives.confirm(Stage.ASSESSMENT, on=date(2027, 1, 25))
        await lives.confirm(Stage.VOTE, on=date(2027, 3, 19))
        await lives.confirm(Stage.CONTRACT, on=date(2027, 4, 1))
        await lives.until(date(2030, 4, 2))
        histories = await runs(handle.id, lives.environment)
        for history, name in zip(histories[::-1], ("opened", "contracted"), strict=False):
            keep("budget_calendar", f"pursuit-{name}", history, lives.clock.ahead)
    assert len(histories) == 5
    assert max(len(each.events) for each in histories) < 300


def _due(lives: PursuitLives, stage: Stage) -> date | None:
    route = lives.acts.recorded["p-1"].state.route
    step = route.step(stage) if route else None
    return step.act_by if step else None


def _updates(history: WorkflowHistory) -> int:
    return sum(
        each.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
        for each in history.events
    )
