"""Sequences that live through years and seasons: every mail goes at a lawful time of business."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest
import pytest_asyncio
from temporalio.client import WorkflowHandle
from temporalio.testing import WorkflowEnvironment

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.proof_of_concept import (
    TAKE_PART,
    Metric,
    Outcome,
    ProofOfConcept,
    check_proof_of_concept,
    results,
)
from followup.domain.playbooks.steps import OccurrenceKind, PocCheckStep
from followup.domain.sequences.commands import Approve, CompleteTask, React
from followup.domain.sequences.terms import Status, TaskOutcome
from followup.playbooks.reading import published_playbook, shipped
from followup.workflows import PASSED_THROUGH, WORKFLOWS
from kakehashi_common.temporal.time_skipping import time_skipping
from tests.support import stack
from tests.support.lawful_sequences import LawfulSequences
from tests.support.sequence_workflows import SequenceLives
from tests.support.sequences import at
from tests.support.waiting import eventually
from tests.support.workers import unhurried_replayer

YEAR_ROUND: Final = published_playbook(
    """
id: year-round
name: 一年を通したご連絡
description: 年度をまたいで届ける。
audience: {roles: [officer]}
entry: {reasons: [first_contact]}
priority: 30
goal: {occurrences: [meeting_booked]}
behaviours:
  newsletter_read:
    label: {ja: お知らせの閲覧, en: Read the news}
    conditions:
      - {on: happened, kinds: [page_viewed], categories: [news]}
templates:
  hello:
    kind: mail
    variants:
      - {subject: ご案内, body: "{{ addressee }}\\n\\n{{ signature }}"}
steps:
  - {id: greeting, kind: mail, template: hello, approval: required}
  - {id: to-march, kind: wait, day_of_year: '03-20'}
  - {id: new-year-of-accounts, kind: mail, template: hello, approval: none}
  - {id: some-weeks, kind: wait, business_days: 20}
  - {id: spring, kind: mail, template: hello, approval: none}
  - {id: requests, kind: wait, phase: department_requests, at_most_days: 300}
  - {id: autumn, kind: mail, template: hello, approval: none}
  - {id: to-december, kind: wait, day_of_year: '12-30'}
  - {id: january, kind: mail, template: hello, approval: none}
  - {id: call, kind: call_task, title: お電話, due_business_days: 2}
""",
    1,
)


@pytest_asyncio.fixture
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    """A server for each life: one that ends amid an activity keeps time from passing for others."""
    async with time_skipping(stack.time_skipping_test_server()) as started:
        yield started


class Lives(SequenceLives):
    """Sequences of one playbook, by the send policy."""

    kept: LawfulSequences

    async def approve(self) -> None:
        await self.send(Approve("is-1", self.state().approval_id or ""))

    async def complete(self, outcome: TaskOutcome = TaskOutcome.DONE) -> None:
        await self.send(CompleteTask("is-1", self.state().task_id or "", outcome))

    async def stands(self, step_id: str, status: Status) -> None:
        """Wait until it is recorded that it stands there: time has come, work may go on."""
        wanted = (step_id, status)
        await eventually(
            lambda: (self.state().step_id, self.state().status) == wanted, what=f"{wanted}"
        )

    async def pass_to(self, instant: datetime) -> None:
        await self.clock.sleep_until(instant.astimezone(UTC))

    async def begin(self, now: str) -> None:
        await self.enter(now, playbook_id=self.playbook.id, playbook_version=self.playbook.version)


@asynccontextmanager
async def living(environment: WorkflowEnvironment, playbook: Playbook) -> AsyncIterator[Lives]:
    """A worker for sequences of a playbook, of which none is left."""
    lives = Lives(environment, f"test-{uuid.uuid4().hex[:12]}", playbook, LawfulSequences)
    try:
        async with lives.working():
            yield lives
    finally:
        await lives.end()


async def test_fourteen_months_through_two_year_ends_transfers_and_a_new_holiday(
    environment: WorkflowEnvironment,
) -> None:
    async with living(environment, YEAR_ROUND) as lives:
        await lives.begin("2026-12-28 17:30")
        first_run = (await lives.handle().describe()).run_id
        await lives.approve()

        await lives.until("2027-04-20 10:00")
        lives.kept.declared = {date(2027, 4, 30)}
        week = at("2027-05-10 10:00")
        while week < at("2027-11-20 10:00"):  # somebody who reads a lot
            await lives.pass_to(week)
            for hours in range(7):
                read = week - timedelta(hours=hours)
                seen = React(OccurrenceKind.BEHAVIOUR, read, "behaviours", "newsletter_read")
                await lives.send(seen)
            if f"{week:%m}" == "10" and "autumn" not in dict(lives.kept.mails):
                begun = React(
                    OccurrenceKind.PHASE_BEGAN, week, "budget-calendar", "department_requests"
                )
                await lives.send(begun)
            week += timedelta(days=7)
        await lives.until("2028-02-28 10:00")
        await lives.stands("call", Status.AWAITING_TASK)
        await lives.complete()
        assert "完了" in await lives.handle().result()
        assert (await lives.handle().describe()).run_id != first_run, "it continued as new"
        await replayed(lives, first_run)
        await replayed(lives, None)

    assert lives.kept.mails == [
        ("greeting", "2027-01-04 09:00"),
        ("new-year-of-accounts", "2027-04-01 09:00"),
        ("spring", "2027-05-06 09:00"),
        ("autumn", "2027-10-04 10:00"),
        ("january", "2028-01-04 09:00"),
    ]


async def replayed(lives: Lives, run_id: str | None) -> None:
    """A worker that starts from the history finds its way through a run."""
    handle: WorkflowHandle[object, object] = lives.environment.client.get_workflow_handle(
        lives.handle().id, run_id=run_id
    )
    replayer = unhurried_replayer(WORKFLOWS, PASSED_THROUGH, ahead=lives.clock.ahead)
    await replayer.replay_workflow(await handle.fetch_history())


# The proof of concept that reaches the supplementary budget of September.

THREE_STEPS: Final = published_playbook(shipped()["three-steps"], 1)
SUPPLEMENTARY: Final = published_playbook(shipped()["supplementary-budget"], 1)
METRICS: Final = (
    Metric("作業時間", "時間", baseline=Decimal(40), target=Decimal(24)),
    Metric("経費", "円", baseline=Decimal(90_000), target=Decimal(60_000)),
    Metric("待ち時間", "分", baseline=Decimal(25), target=Decimal(10)),
)


@pytest.mark.parametrize(
    ("first_check", "weeks", "told_at"),
    [
        ("2027-04-26 15:00", 8, "2027-06-15 15:00"),
        ("2027-05-10 15:00", 10, "2027-07-13 15:00"),
        ("2027-05-06 16:30", 13, "2027-07-30 16:30"),
    ],
)
async def test_a_proof_of_concept_of_spring_is_told_of_before_the_budget_of_september(
    environment: WorkflowEnvironment, first_check: str, weeks: int, told_at: str
) -> None:
    first = at(first_check)
    agreed = check_proof_of_concept(
        ProofOfConcept(first.date(), weeks, METRICS, frozenset(TAKE_PART))
    )
    measured: dict[int, dict[str, Decimal]] = {}
    async with living(environment, lasting(THREE_STEPS, weeks)) as lives:
        await lives.begin("2027-04-19 10:00")
        await lives.pass_to(first)
        await lives.complete()  # the agreement
        for week in range(weeks):
            await lives.pass_to(first + timedelta(weeks=week, minutes=1))
            await lives.stands("checks", Status.AWAITING_TASK)
            assert lives.state().position.week == week + 1, "each week, however late the last"
            measured[week + 1] = {"作業時間": Decimal(38 - 2 * week), "経費": Decimal(88_000)}
            await lives.pass_to(first + timedelta(weeks=week, days=1))
            await lives.complete()
        await lives.stands("result", Status.AWAITING_APPROVAL)
        await lives.approve()
        await eventually(lambda: lives.kept.mails == [("result", told_at)], what=told_at)

    judged = {each.metric.name: each.outcome for each in results(agreed, measured)}
    assert judged == {
        "作業時間": Outcome.REACHED,
        "経費": Outcome.MISSED,
        "待ち時間": Outcome.NOT_MEASURED,
    }


def lasting(playbook: Playbook, weeks: int) -> Playbook:
    """The playbook with so many weekly checks."""
    steps = (
        replace(each, weeks=weeks) if isinstance(each, PocCheckStep) else each
        for each in playbook.steps
    )
    return replace(playbook, steps=tuple(steps))


async def test_the_result_is_proposed_for_september_and_a_meeting_ends_it(
    environment: WorkflowEnvironment,
) -> None:
    async with living(environment, SUPPLEMENTARY) as lives:
        await lives.begin("2027-08-06 17:00")  # a Friday; the finance section's paper is out
        await lives.approve()
        await lives.until("2027-08-13 12:00")
        await lives.stands("call", Status.AWAITING_TASK)
        assert lives.kept.mails == [("proposal", "2027-08-09 09:00")]
        await lives.send(
            CompleteTask("is-1", lives.state().task_id or "", TaskOutcome.MEETING_BOOKED)
        )
        assert "面談が決定" in await lives.handle().result()
