"""A hearing waits for the proof of concept and a study session: real PostgreSQL."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

import pytest

from followup.domain.playbooks.playbook import Playbook
from followup.domain.playbooks.walk import Position
from followup.domain.sequences.commands import OpenTask, RefuseStep, Result
from followup.domain.sequences.terms import Status, TaskOutcome
from followup.domain.task_records import StudySession
from followup.sequences.messages import StepWork
from followup.steps.requirements import LEFT_OUT_AFTER
from followup.tasks import repository as tasks
from followup.tasks.repository import Task, TaskStatus
from kakehashi_common.domain.business_time import JAPAN
from tests.support.followup_examples import ACTOR
from tests.support.followup_sending import MONDAY, Senders

PLAYBOOK: Final = """
id: hearing-at-last
name: ヒアリング
description: 実証実験と勉強会のあとに伺う。
audience: {roles: [officer]}
entry: {reasons: [new_contact]}
priority: 20
goal: {occurrences: [meeting_booked]}
steps:
  - {id: checks, kind: poc_check, title: 毎週の確認, weeks: 8, metrics: [作業時間]}
  - {id: hearing, kind: hearing_form, title: ヒアリング, requires: [poc_check, study_session]}
"""
A_WEEK_ON: Final = datetime(2026, 12, 7, 8, 30, tzinfo=JAPAN)
NO_POC: Final = "終わった実証実験（毎週の確認4回以上）"
NO_SESSION: Final = "開いた勉強会"


class Municipality:
    """A city, and the tasks that were done with it before."""

    def __init__(self, senders: Senders) -> None:
        self.senders = senders
        [self.worker] = senders.workers

    async def sequence(self, sequence_id: str, step: str) -> StepWork:
        """Have a sequence stand at a step."""
        await self.senders.contact(f"of-{sequence_id}", f"{sequence_id}@x.example.jp")
        work = await self.senders.about_to_send(
            sequence_id,
            f"of-{sequence_id}",
            playbook_id="hearing-at-last",
            status=Status.PREPARING,
            position=Position(step, MONDAY),
        )
        return replace(work, step_id=step)

    async def done(
        self,
        sequence_id: str,
        kind: str,
        times: int = 1,
        *,
        held_on: date | None = None,
        outcome: TaskOutcome = TaskOutcome.DONE,
    ) -> None:
        """Have tasks of a sequence be completed."""
        for number in range(times):
            task = Task(
                task_id=f"{sequence_id}.{kind}.{number}",
                sequence_id=sequence_id,
                step_id="checks" if kind == "poc_check" else "session",
                kind=kind,
                lead_id=f"of-{sequence_id}",
                municipality_code="102032",
                owner="s-1",
                moved_from=None,
                title="",
                text="",
                fields=(),
                status=TaskStatus.DONE,
                opened_at=MONDAY,
                due_at=MONDAY,
                snoozed_until=None,
                outcome=outcome,
                note=None,
                record=None if held_on is None else StudySession(held_on, "窓口", (), ""),
                closed_at=MONDAY,
                closed_by="s-1",
            )
            async with self.worker.database.transaction() as connection:
                await tasks.add(connection, task)

    async def prepare(self, work: StepWork) -> Result:
        async with self.worker.database.transaction() as connection:
            playbook: Playbook = await self.worker.playbooks.find(connection, "hearing-at-last", 1)
        return await self.worker.step_preparer(work, playbook)


@pytest.fixture
async def city(senders: Senders) -> Municipality:
    [worker] = senders.workers
    await worker.playbooks.publish(PLAYBOOK, ACTOR)
    return Municipality(senders)


@pytest.mark.parametrize(
    ("checks", "of_a_step_behind", "sessions", "missing"),
    [
        pytest.param(0, True, [], [NO_POC, NO_SESSION], id="nothing"),
        pytest.param(8, True, [], [NO_SESSION], id="no session"),
        pytest.param(3, True, [MONDAY.date()], [NO_POC], id="too few checks"),
        pytest.param(7, True, [MONDAY.date()], [], id="a week was left out"),
        pytest.param(7, False, [MONDAY.date()], [NO_POC], id="a week left out, others to come"),
        pytest.param(8, False, [MONDAY.date()], [NO_POC], id="checks go on"),
        pytest.param(8, True, [date(2026, 12, 24)], [NO_SESSION], id="the session is to come"),
        pytest.param(8, True, [MONDAY.date()], [], id="both"),
    ],
)
async def test_a_hearing_waits_for_what_it_builds_on(
    city: Municipality,
    checks: int,
    of_a_step_behind: bool,  # noqa: FBT001 - a column of the table
    sessions: list[date],
    missing: list[str],
) -> None:
    await city.sequence("earlier", "hearing" if of_a_step_behind else "checks")
    await city.done("earlier", "poc_check", checks)
    for held_on in sessions:
        await city.done("earlier", "study_session", held_on=held_on)
    result = await city.prepare(await city.sequence("q-1", "hearing"))
    if not missing:
        assert isinstance(result, OpenTask)
        return
    assert isinstance(result, RefuseStep)
    assert (result.reason, result.until) == ("record_missing", A_WEEK_ON)
    assert result.why == f"先に必要な記録がありません：{'、'.join(missing)}。"


async def test_a_session_without_a_record_counts_if_somebody_says_that_it_was_held(
    city: Municipality,
) -> None:
    work = await city.sequence("q-1", "hearing")
    await city.done("q-1", "poc_check", 8)
    await city.sequence("fell-through", "hearing")
    await city.done("fell-through", "study_session", outcome=TaskOutcome.NOT_REACHED)
    assert isinstance(await city.prepare(work), RefuseStep)
    await city.done("q-1", "study_session")
    assert isinstance(await city.prepare(work), OpenTask)


async def test_a_hearing_that_has_waited_for_a_quarter_is_left_out(city: Municipality) -> None:
    work = await city.sequence("q-1", "hearing")
    long_ago = replace(work, since=MONDAY - LEFT_OUT_AFTER - timedelta(days=1))
    result = await city.prepare(long_ago)
    assert isinstance(result, RefuseStep)
    assert (result.reason, result.until) == ("record_missing", None)
