"""When a task is due, by days and by hours of the office."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, CALLING, ENTRY
from tests.support.waiting import eventually


@pytest.mark.parametrize("hours", [1, 4, 12])
async def test_a_task_is_due_after_hours_of_the_office(at_work: Service, hours: int) -> None:
    calling = CALLING.replace("due_business_days: 2", f"due_business_hours: {hours}")
    name = f"calling-{hours}"  # a version that was read once is kept
    await at_work.playbooks.publish(calling.replace("id: calling", f"id: {name}"), ACTOR)
    await at_work.call("POST", "/sequences", ENTRY | {"playbook_id": name})

    async def tasks() -> list[dict[str, Any]]:
        shown = await at_work.call("GET", "/tasks", params={"lead_id": "crm-1"})
        return list(shown["items"])

    await eventually(tasks, what="the task")
    [task] = await tasks()
    opened, due = (datetime.fromisoformat(task[each]) for each in ("opened_at", "due_at"))
    assert due == at_work.office.hours.add(opened, timedelta(hours=hours))
