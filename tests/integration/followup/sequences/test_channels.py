"""A step whose channel is learnt, from the API to Temporal and back."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from tests.support import followup_api
from tests.support.followup_api import Service
from tests.support.followup_channels import PLAYBOOK, Tasks, mails_before, tasks_before
from tests.support.followup_examples import ACTOR, ENTRY, enter_everybody

A_MONTH_AGO = datetime.now(UTC) - timedelta(days=30)


@pytest_asyncio.fixture
async def followup() -> AsyncIterator[Service]:
    """Followup that has counted nothing yet: it counts once an hour."""
    async with followup_api.service() as made:
        await enter_everybody(made)
        await made.playbooks.publish(PLAYBOOK, ACTOR)
        await mails_before(made.database, 100, 10, at=A_MONTH_AGO)
        async with made.working():
            yield made


@pytest.mark.parametrize(
    ("calls", "kind", "step_id", "why"),
    [
        (60, "task_opened", "second_call", "電話は60件中30件に回答（補正後43.8%）です。電話に"),
        (49, "sent", "second_mail", "比べるには手段ごとに50件が必要なため、先に挙げたメールに"),
    ],
    ids=["enough answers", "too few calls"],
)
async def test_the_channel_that_gets_answers_is_taken_and_shown(
    followup: Service, calls: int, kind: str, step_id: str, why: str
) -> None:
    answered = calls // 2
    await tasks_before(
        followup.database, Tasks(count=calls, answered=answered, done_at=A_MONTH_AGO)
    )

    entered = await followup.call("POST", "/sequences", {**ENTRY, "playbook_id": "second"})

    path = f"/sequences/{entered['sequence_id']}"
    history = (await followup.call("GET", f"{path}/history"))["items"]
    [chosen] = [each for each in history if each["kind"] == "channel_chosen"]
    assert (chosen["details"]["step_id"], chosen["details"]["chosen"]) == ("second", step_id)
    assert why in chosen["ja"]
    assert [each["kind"] for each in history if each["kind"] == kind]
    shown = await followup.call("GET", path)
    if kind == "task_opened":
        assert shown["step_id"] == step_id
        assert why in shown["why_this_channel"]
