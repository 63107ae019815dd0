"""Whole sequences as workflows on the time-skipping server."""

from collections.abc import AsyncIterator

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from followup.domain.playbooks.steps import OccurrenceKind
from followup.domain.sequences.commands import (
    Approve,
    ChangeOwner,
    CompleteTask,
    Pause,
    React,
    Resume,
    Stop,
)
from followup.domain.sequences.facts import TaskOpened
from followup.domain.sequences.terms import PauseReason, Status, TaskOutcome
from kakehashi_common.temporal.time_skipping import time_skipping
from tests.support import stack
from tests.support.histories import record
from tests.support.sequence_workflows import SequenceLives, sequence_lives
from tests.support.sequences import BY_BEST_CHANNEL, at


@pytest_asyncio.fixture(scope="module")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    async with time_skipping(stack.time_skipping_test_server()) as started:
        yield started


@pytest_asyncio.fixture
async def lives(environment: WorkflowEnvironment) -> AsyncIterator[SequenceLives]:
    async with sequence_lives(environment) as made:
        yield made


async def approve(lives: SequenceLives) -> None:
    await lives.send(Approve("is-1", lives.state().approval_id or ""))


async def test_a_whole_playbook_over_the_turn_of_the_year(lives: SequenceLives) -> None:
    async with lives.working():
        await lives.enter("2026-12-24 16:00")
        await lives.until("2026-12-24 18:00")
        await approve(lives)
        assert lives.state().due_at == at("2026-12-25 08:30"), "offices are closed by then"
        await lives.until("2026-12-25 09:00")
        assert lives.state().due_at == at("2027-01-07 08:30"), "five business days after it"
        await lives.until("2027-01-07 09:00")
        await lives.until("2027-01-15 12:00")
        assert lives.state().status is Status.AWAITING_TASK
        await lives.send(CompleteTask("is-1", lives.state().task_id or ""))
        assert "完了" in await lives.handle().result()
        await record("followup", "whole-playbook", lives.handle(), lives.clock.ahead)
    assert lives.kinds() == [
        "started",
        "approval_requested",
        "approved",
        "scheduled",
        "sent",
        "scheduled",
        "sent",
        "task_opened",
        "task_completed",
        "completed",
    ]


async def test_an_absence_pauses_and_an_opt_out_ends_it_while_paused(lives: SequenceLives) -> None:
    async with lives.working(max_cached_workflows=0):  # each task replays it from the beginning
        await lives.enter("2026-11-30 10:00")
        away = Pause("mail", PauseReason.OUT_OF_OFFICE, at("2027-11-30 09:00"))
        await lives.send(away)
        await approve(lives)
        await lives.until("2027-06-01 10:00")
        assert lives.kinds()[-1] == "scheduled", "it stands still"
        opted_out = React(OccurrenceKind.OPTED_OUT, at("2027-06-01 09:00"), "mail")
        await lives.send(opted_out)
        assert "配信停止" in await lives.handle().result()
        await record("followup", "paused-and-opted-out", lives.handle(), lives.clock.ahead)
    assert lives.state().sent == 0


async def test_one_that_is_cancelled_is_stopped_and_recorded(lives: SequenceLives) -> None:
    async with lives.working():
        await lives.enter("2026-11-30 10:00")
        await lives.handle().cancel()
        assert "担当者が停止" in await lives.handle().result()
    assert lives.kinds()[-1] == "stopped"


async def test_one_that_was_terminated_goes_on_where_it_stood(lives: SequenceLives) -> None:
    async with lives.working():
        await lives.enter("2026-11-30 10:00")
        await approve(lives)
        await lives.until("2026-11-30 11:00")
        await lives.handle().terminate()
        before = lives.state()
        entered = await lives.enter("2026-11-30 11:00")
        assert entered == before
        await lives.until("2026-12-07 12:00")
        assert lives.state().sent == 2


async def test_the_channel_that_was_chosen_takes_the_steps_place_for_good(
    lives: SequenceLives,
) -> None:
    lives.playbook = BY_BEST_CHANNEL
    lives.kept = lives.keep(lives.clock.now, BY_BEST_CHANNEL)
    async with lives.working(max_cached_workflows=0):  # each task replays it from the beginning
        await lives.enter("2026-12-24 16:00")
        await approve(lives)
        await lives.until("2027-01-07 09:00")
        assert (lives.state().status, lives.state().step_id) == (
            Status.AWAITING_TASK,
            "second_call",
        )
        await lives.send(CompleteTask("is-1", lives.state().task_id or "", TaskOutcome.NOT_REACHED))
        assert lives.state().step_id == "another_week"
        await lives.until("2027-01-20 09:00")
        assert "完了" in await lives.handle().result()
        await record("followup", "best-channel", lives.handle(), lives.clock.ahead)
    assert lives.kinds()[5:] == ["channel_chosen", "task_opened", "task_completed", "completed"]


async def test_another_owner_is_asked_from_then_on(lives: SequenceLives) -> None:
    async with lives.working(max_cached_workflows=0):  # each task replays it from the beginning
        await lives.enter("2026-11-30 10:00")
        changed = ChangeOwner("system:reassignments", "is-1", "is-2")
        await lives.send(changed)
        await lives.send(changed)
        await approve(lives)
        await lives.until("2026-12-14 12:00")
        assert (lives.state().owner, lives.state().status) == ("is-2", Status.AWAITING_TASK)
        await lives.send(CompleteTask("is-2", lives.state().task_id or ""))
        await lives.handle().result()
        await record("followup", "another-owner", lives.handle(), lives.clock.ahead)
    assert lives.kinds().count("owner_changed") == 1
    assert [each.owner for each in lives.kept.facts["s-1"] if isinstance(each, TaskOpened)] == [
        "is-2"
    ]


async def test_one_that_gives_way_to_a_higher_playbook_sends_nothing_meanwhile(
    lives: SequenceLives,
) -> None:
    by, reason = "system:precedences", PauseReason.HIGHER_PLAYBOOK
    async with lives.working(max_cached_workflows=0):  # each task replays it from the beginning
        await lives.enter("2026-11-30 10:00")
        await approve(lives)
        await lives.until("2026-12-01 10:00")
        await lives.send(Pause(by, reason))
        await lives.until("2027-01-20 10:00")
        assert lives.state().sent == 1
        await lives.send(Resume(by, reason))
        await lives.until("2027-01-29 10:00")
        assert lives.state().sent == 2
        await lives.send(Stop("is-1"))
        await lives.handle().result()
        await record("followup", "gave-way", lives.handle(), lives.clock.ahead)
