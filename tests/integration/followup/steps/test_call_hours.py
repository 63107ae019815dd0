"""When to call is learnt from calls, and shown with the task: real PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from followup.container import Container
from followup.daily_lists.calendar import calendar_feed
from followup.daily_lists.page import daily_list_page
from followup.domain.send_times.call_hours import CallSlot
from followup.domain.sequences.commands import OpenTask
from followup.domain.sequences.terms import Status, TaskOutcome
from followup.notices.letters import of_daily_list
from followup.tasks import repository as tasks
from followup.tasks.repository import Task, TaskStatus
from followup.tasks.schemas import TaskOut
from kakehashi_common.cloudevents.codec import Received
from kakehashi_common.contracts.seller_activities import SellerActivityRecorded
from tests.support.followup_examples import ACTOR
from tests.support.followup_sending import MONDAY, Senders
from tests.support.received import received

CALLING = """
id: calling-at-hours
name: お電話
description: 電話で伺う。
audience: {roles: [officer]}
entry: {reasons: [new_contact]}
priority: 20
goal: {occurrences: [meeting_booked]}
steps:
  - {id: call, kind: call_task, title: お電話, due_business_days: 0}
"""
TUESDAY = 1
WEEKS = 45


def call(activity_id: str, at: datetime, **differences: Any) -> Received[Any]:
    said = {
        "activity_id": activity_id,
        "member_id": "s-1",
        "role": "inside_sales",
        "kind": "call",
        "reached": True,
        "lead_id": "crm-1",
        **differences,
    }
    return received(SellerActivityRecorded.model_validate(said), at)


def calls(weekday: int, hour: int, *, reached: bool) -> list[Received[Any]]:
    """One a week."""
    first = MONDAY.replace(hour=hour) + timedelta(days=weekday)
    return [
        call(f"{weekday}-{hour}-{week}", first - timedelta(weeks=week), reached=reached)
        for week in range(1, WEEKS + 1)
    ]


@pytest.fixture
async def worker(senders: Senders) -> Container:
    [worker] = senders.workers
    await worker.playbooks.publish(CALLING, ACTOR)
    await senders.contact("crm-1", "joho@x.example.jp")
    return worker


async def asked_to_call(senders: Senders, worker: Container, lead_id: str = "crm-1") -> Task:
    """Have a task be opened by its step."""
    work = await senders.about_to_send(
        "q-1", lead_id, playbook_id="calling-at-hours", status=Status.PREPARING
    )
    async with worker.database.transaction() as connection:
        playbook = await worker.playbooks.find(connection, "calling-at-hours", 1)
    opened = await worker.step_preparer(replace(work, step_id="call"), playbook)
    assert isinstance(opened, OpenTask)
    return await worker.tasks.find(opened.task_id)


async def learnt(worker: Container) -> list[tuple[int, int, int, int]]:
    return [
        (each.weekday, each.hour, each.contacts, each.answered)
        for each in await worker.answer_rates.calls()
    ]


async def test_a_task_says_when_to_call_and_the_daily_list_does_so_everywhere(
    senders: Senders, worker: Container
) -> None:
    await worker.calls.save(
        [
            *calls(TUESDAY, 10, reached=True),
            *calls(TUESDAY, 14, reached=False),
            *calls(3, 10, reached=False),
        ]
    )
    task = await asked_to_call(senders, worker)
    assert task.call_hours is not None
    assert task.call_hours.slots[0] == CallSlot(TUESDAY, 10)
    shown = TaskOut.of(task, ()).call_hours
    assert shown is not None
    assert (shown.slots[0].weekday, shown.slots[0].hour) == (2, 10)
    why = task.call_hours.text.ja
    assert why.startswith("火曜日10時台がおすすめです。この役割の方への電話のうち、")
    found = await worker.for_sellers.daily_lists.of("s-1")
    assert [each.best_hours for each in found.to_do] == [why]
    assert why in daily_list_page(found, {})
    assert why in of_daily_list(found, {}).text
    assert "火曜日10時台がおすすめ" in calendar_feed(found, {}).decode().replace("\r\n ", "")


@pytest.mark.parametrize(
    ("role", "known"), [("officer", 90), ("manager", 0)], ids=["too few", "of another role"]
)
async def test_below_a_hundred_calls_to_a_role_no_hour_is_named(
    senders: Senders, worker: Container, role: str, known: int
) -> None:
    await worker.calls.save([*calls(TUESDAY, 10, reached=True), *calls(3, 10, reached=False)])
    await senders.contact("crm-2", "kacho@x.example.jp", role=role)
    task = await asked_to_call(senders, worker, "crm-2")
    assert task.call_hours is not None
    assert task.call_hours.slots == ()
    assert f"この役割の方への電話はまだ{known}件で、100件に満たないため" in task.call_hours.text.ja
    found = await worker.for_sellers.daily_lists.of("s-1")
    assert [each.best_hours for each in found.to_do] == [""]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([{}], [(0, 9, 1, 1)], id="a call"),
        pytest.param([{"reached": False}], [(0, 9, 1, 0)], id="an attempt"),
        pytest.param([{"reached": None}], [], id="nobody knows"),
        pytest.param([{"kind": "mail"}], [], id="no call"),
        pytest.param([{"lead_id": None}], [], id="of nobody known"),
        pytest.param([{"lead_id": "crm-7"}], [], id="of somebody without a role"),
        pytest.param([{}, {"reached": False}], [(0, 9, 1, 0)], id="it was corrected"),
        pytest.param([{}, {"kind": "mail"}], [], id="it was no call after all"),
    ],
)
async def test_calls_of_other_systems_count_once_as_they_were_said_last(
    worker: Container, said: Sequence[dict[str, Any]], expected: list[tuple[int, int, int, int]]
) -> None:
    at = MONDAY.replace(hour=9) - timedelta(weeks=1)
    for each in said:
        await worker.calls.save([call("a-1", at, **each)])
    assert await learnt(worker) == expected


async def test_a_task_and_a_crm_that_tell_of_one_call_count_once(
    senders: Senders, worker: Container
) -> None:
    task = await asked_to_call(senders, worker)
    an_hour_ago = MONDAY - timedelta(hours=1)
    async with worker.database.transaction() as connection:
        await tasks.change(
            connection,
            task.task_id,
            status=TaskStatus.DONE.value,
            outcome=TaskOutcome.NOT_REACHED.value,
            closed_at=an_hour_ago.replace(minute=40),
        )
    at = an_hour_ago.replace(minute=10)
    await worker.calls.save([call("a-1", at, reached=False), call("a-2", at, lead_id="crm-1")])
    other = Container(worker.settings, worker.database, senders.clock)
    assert await learnt(other) == [(0, an_hour_ago.hour, 1, 1)]


async def test_of_who_was_erased_no_call_is_kept(worker: Container) -> None:
    await worker.calls.save([call("a-1", MONDAY)])
    await worker.personal_data.erase("crm-1", ACTOR)
    await worker.calls.save([call("a-2", MONDAY)])
    async with worker.database.raw_transaction() as connection:
        assert await connection.fetchval("select count(*) from seller_call") == 0
