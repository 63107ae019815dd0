"""Whole handoffs as workflows on the time-skipping server."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest
import pytest_asyncio
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from handoff.domain.handoff.commands import (
    Accept,
    Close,
    PhaseEntered,
    Rate,
    Reassign,
    RecordContact,
    RecordMeeting,
    Reject,
)
from handoff.domain.handoff.effects import Recipient
from handoff.domain.handoff.rejections import RejectionReason
from handoff.domain.handoff.terms import Direction, Outcome, ReassignReason, Status
from kakehashi_common.domain.business_time import Absence
from kakehashi_common.temporal.time_skipping import time_skipping
from tests.support import stack
from tests.support.handoff_workflows import HandoffLives, handoff_lives
from tests.support.handoffs import at
from tests.support.histories import record
from tests.support.waiting import eventually


@pytest_asyncio.fixture(scope="module")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    async with time_skipping(stack.time_skipping_test_server()) as started:
        yield started


@pytest_asyncio.fixture
async def lives(environment: WorkflowEnvironment) -> AsyncIterator[HandoffLives]:
    async with handoff_lives(environment) as made:
        yield made


async def test_accepted_contacted_met_and_won(lives: HandoffLives) -> None:
    async with lives.working():
        await lives.request("2026-11-30 10:00")
        assert lives.state().owner == "fs-1"
        await lives.until("2026-11-30 11:00")
        accepted = await lives.send(Accept("fs-1"))
        assert accepted.status == "accepted"
        await lives.until("2026-11-30 15:00")
        await lives.send(RecordContact(at("2026-11-30 14:30"), "fs-1"))
        await lives.until("2026-12-04 15:00")
        await lives.send(RecordMeeting(at("2026-12-04 10:00"), "fs-1"))
        await lives.until("2027-04-01 10:00")
        closed = await lives.send(Close("crm", Outcome.WON, deal_id="d-1"))
        assert closed.status == "closed"
        await lives.send(Rate("fs-1", Direction.RECEIVER_RATES_SENDER, 5, "よく準備されていた"))
        await lives.until("2027-04-20 10:00")
        assert "受注" in await lives.handle().result()
        await record("handoff", "won-and-rated", lives.handle(), lives.clock.ahead)
    assert lives.kinds() == [
        "requested",
        "assigned",
        "accepted",
        "first_contact_made",
        "meeting_held",
        "closed",
        "rated",
    ]


async def test_nobody_answers_reassigned_twice_then_lead_and_manager_hear_of_it(
    lives: HandoffLives,
) -> None:
    async with lives.working():
        await lives.request("2026-11-27 17:50")  # a Friday
        await lives.until("2026-12-04 12:00")
        await record("handoff", "nobody-answers", lives.handle(), lives.clock.ahead)
    assert [each for each in lives.kinds() if each != "reminded"] == [
        "requested",
        "assigned",
        "reassigned",
        "assigned",
        "reassigned",
        "unassigned",
        "escalated",
        "escalated",
    ]
    told = [
        notice.recipient
        for _, notice in lives.organisation.notices
        if notice.recipient in {Recipient.LEAD, Recipient.MANAGER}
    ]
    assert told == [Recipient.LEAD, Recipient.MANAGER]


async def test_recycled_for_fourteen_months_it_wakes_on_the_day_and_asks_who_knew_it(
    lives: HandoffLives,
) -> None:
    async with lives.working():
        await lives.request("2026-11-30 10:00")
        await lives.send(Reject("fs-1", RejectionReason.NO_BUDGET_YET, until=date(2028, 1, 31)))
        assert lives.state().status is Status.RECYCLED
        await lives.until("2028-01-31 08:59")
        assert lives.state().status is Status.RECYCLED
        await lives.until("2028-01-31 09:01")
        state = await lives.recorded(version=4)
        assert (state.status, state.owner, state.round) == (Status.ASSIGNED, "fs-1", 2)
        await record("handoff", "recycled-for-14-months", lives.handle(), lives.clock.ahead)


async def test_the_budget_phase_that_a_recycle_waits_for_wakes_it(lives: HandoffLives) -> None:
    async with lives.working():
        await lives.request("2026-11-30 10:00")
        await lives.send(
            Reject(
                "fs-1",
                RejectionReason.TOO_EARLY,
                until=date(2027, 12, 1),
                phase="department_requests",
            )
        )
        await lives.until("2027-09-01 10:00")
        woken = await lives.send(
            PhaseEntered("department_requests", date(2027, 9, 1), "budget-calendar")
        )
        assert woken.owner == "fs-1"


async def test_on_the_first_day_of_a_long_absence_the_first_contact_goes_to_somebody_else(
    lives: HandoffLives,
) -> None:
    away = Absence(at("2026-12-01 00:00"), at("2026-12-08 00:00"))
    async with lives.working():
        await lives.request("2026-11-30 16:00")
        await lives.send(Accept("fs-1"))
        members = lives.organisation.members
        members["fs-1"] = replace(members["fs-1"], absences=(away,))
        await lives.handle().signal("settings_changed")
        await lives.until("2026-12-01 09:05")
        assert lives.state().owner == "fs-2"


async def test_whoever_enters_a_team_later_gets_what_nobody_had(lives: HandoffLives) -> None:
    members = lives.organisation.members
    seller = members["fs-1"]
    members.clear()
    async with lives.working():
        await lives.request("2026-11-30 10:00")
        assert lives.state().status is Status.UNASSIGNED
        members["fs-1"] = seller
        await lives.handle().signal("settings_changed")
        assigned = await lives.recorded(version=4)
        assert (assigned.status, assigned.owner) == (Status.ASSIGNED, "fs-1")


async def test_a_late_answer_after_reassignment_is_refused_and_names_the_owner(
    lives: HandoffLives,
) -> None:
    async with lives.working():
        await lives.request("2026-11-30 10:00")
        await lives.send(Reassign("lead-1", ReassignReason.DECIDED, "fs-1", "fs-2"))
        assert await lives.refusal(Accept("fs-1")) == ("not_the_owner", "by")
        assert (await lives.send(Accept("fs-2"))).owner == "fs-2"
        await record("handoff", "reassigned-by-hand", lives.handle(), lives.clock.ahead)
        assert await lives.refusal(
            Reassign("lead-1", ReassignReason.DECIDED, "fs-2", "nobody-1")
        ) == ("unknown_member", "to")


async def test_a_long_life_goes_on_in_a_new_run(
    lives: HandoffLives, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handoff.workflow.workflow.DECISIONS_PER_RUN", 3)
    async with lives.working():
        first = await lives.request("2026-11-30 10:00")
        await lives.send(Accept("fs-1"))

        async def goes_on() -> bool:
            return (await first.describe()).run_id != first.first_execution_run_id

        await eventually(goes_on, what="a new run has begun")
        await lives.until("2026-11-30 15:00")
        met = await lives.send(RecordMeeting(at("2026-11-30 14:30"), "fs-1"))
        assert met.status == "met"
    assert lives.kinds()[-2:] == ["first_contact_made", "meeting_held"]


async def test_whoever_cancels_the_workflow_withdraws_the_handoff(lives: HandoffLives) -> None:
    async with lives.working():
        handle = await lives.request("2026-11-30 10:00")
        await handle.cancel()
        assert "取り下げ" in await handle.result()
        await record("handoff", "cancelled", handle, lives.clock.ahead)
    assert lives.kinds() == ["requested", "assigned", "withdrawn"]


async def test_another_handoff_of_the_lead_is_joined_and_begins_nothing(
    lives: HandoffLives,
) -> None:
    async with lives.working():
        await lives.request("2026-11-30 10:00")
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await lives.request("2026-11-30 10:00", handoff_id="h-2")
        cause = refused.value.cause
        assert isinstance(cause, ApplicationError)
        assert cause.type == "lead_in_handoff"
        assert "統合" in await lives.handle("h-2").result()
    assert set(lives.organisation.recorded) == {"h-1"}
