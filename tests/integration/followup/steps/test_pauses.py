"""While a place is left alone nobody is asked to call there either."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from followup.domain.send_policy.pauses import Pause, PauseCause
from followup.domain.sequences.commands import OpenTask, RefuseStep
from followup.domain.sequences.terms import Status
from kakehashi_common.domain.business_time import JAPAN
from tests.support.followup_examples import ACTOR
from tests.support.followup_sending import MONDAY, Senders

KIRYU = "102032"
TASK = """
id: calling-in-a-pause
name: お電話
description: 電話で伺う。
audience: {roles: [officer]}
entry: {reasons: [new_contact]}
priority: 20
goal: {occurrences: [meeting_booked]}
steps:
  - {id: call, kind: call_task, title: お電話, due_business_days: 2}
"""
NEXT_DAY = datetime(2026, 12, 1, 8, 30, tzinfo=JAPAN)


@pytest.mark.parametrize(
    ("organisation", "ends", "reason", "until"),
    [
        pytest.param(KIRYU, MONDAY + timedelta(days=90), "new_contact", 90, id="disaster"),
        pytest.param(KIRYU, None, "new_contact", NEXT_DAY, id="nobody knows until when"),
        pytest.param(KIRYU, None, "disaster", None, id="what follows from the disaster itself"),
        pytest.param(KIRYU, None, "enquiry", None, id="they have asked something"),
        pytest.param("102024", None, "new_contact", None, id="another place"),
        pytest.param(None, None, "new_contact", None, id="all mail is stopped, and mail only"),
    ],
)
async def test_a_task_waits_until_the_pause_of_its_place_is_over(
    senders: Senders,
    organisation: str | None,
    ends: datetime | None,
    reason: str,
    until: datetime | int | None,
) -> None:
    [worker] = senders.workers
    await worker.playbooks.publish(TASK, ACTOR)
    await senders.contact("crm-1", "joho@x.example.jp")
    pause = Pause(PauseCause.DISASTER, MONDAY - timedelta(hours=2), ends, organisation)
    await worker.consents.pause("p-1", pause, ACTOR)
    work = await senders.about_to_send(
        "q-1", "crm-1", playbook_id="calling-in-a-pause", status=Status.PREPARING, reason=reason
    )
    async with worker.database.transaction() as connection:
        playbook = await worker.playbooks.find(connection, "calling-in-a-pause", 1)
    result = await worker.step_preparer(replace(work, step_id="call"), playbook)
    if until is None:
        assert isinstance(result, OpenTask)
        return
    assert isinstance(result, RefuseStep)
    expected = MONDAY + timedelta(days=until) if isinstance(until, int) else until
    assert (result.reason, result.until) == ("paused", expected)
    assert result.why.startswith("災害のため、")


async def test_a_task_that_is_open_is_for_after_the_pause(senders: Senders) -> None:
    [worker] = senders.workers
    await worker.playbooks.publish(TASK, ACTOR)
    await senders.contact("crm-1", "joho@x.example.jp")
    work = await senders.about_to_send(
        "q-1", "crm-1", playbook_id="calling-in-a-pause", status=Status.PREPARING
    )
    async with worker.database.transaction() as connection:
        playbook = await worker.playbooks.find(connection, "calling-in-a-pause", 1)
    opened = await worker.step_preparer(replace(work, step_id="call"), playbook)
    assert isinstance(opened, OpenTask)
    before = await worker.for_sellers.daily_lists.of("s-1")
    ends = MONDAY + timedelta(days=90)
    pause = Pause(PauseCause.DISASTER, MONDAY - timedelta(hours=2), ends, KIRYU)
    await worker.consents.pause("p-1", pause, ACTOR)
    during = await worker.for_sellers.daily_lists.of("s-1")
    senders.later(days=2)
    overdue = await worker.for_sellers.daily_lists.of("s-1")
    assert [each.item_id for each in before.later] == [opened.task_id]
    assert [each.returns_at for each in before.later] == [None]
    for found in (during, overdue):
        assert found.to_do == ()
        assert [(each.item_id, each.returns_at) for each in found.later] == [(opened.task_id, ends)]
