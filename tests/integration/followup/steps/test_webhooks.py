"""Webhook steps, posted to a real web server and verified as receivers do."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from standardwebhooks.webhooks import Webhook as Verifier

from followup.container import Container
from followup.domain.sequences.commands import RecordFailure, RecordSent, RefuseStep, Result
from followup.domain.webhook_calls import GIVEN_UP_AFTER
from followup.playbooks.reading import PlaybookFileError
from followup.sequences.messages import StepWork
from followup.settings import WebhookSettings
from followup.tables import webhook_call
from kakehashi_common.clock import FixedClock
from tests.support.followup_api import WEBHOOK_SECRET, Service, webhook_endpoint
from tests.support.followup_examples import ACTOR, ENTRY, TELLING
from tests.support.handoff_receivers import OK, Receiver, receiver, status
from tests.support.waiting import eventually


@pytest_asyncio.fixture
async def crm(at_work: Service) -> AsyncIterator[Receiver]:
    """The system that the playbook tells."""
    endpoints = at_work.settings.webhooks.endpoints
    before = endpoints["crm"]
    async with receiver() as server:
        endpoints["crm"] = webhook_endpoint(server.url)
        yield server
        endpoints["crm"] = before


async def kinds(service: Service, sequence_id: str) -> list[str]:
    shown = await service.call("GET", f"/sequences/{sequence_id}/history")
    return [each["kind"] for each in shown["items"]]


async def calls(service: Service) -> list[tuple[str, int, str]]:
    async with service.database.transaction() as connection:
        rows = await connection.execute(webhook_call.select())
        return [(row.state, row.attempts, row.reason) for row in rows]


def the_work(service: Service) -> StepWork:
    now = service.clock.now()
    return StepWork(
        "sq-1",
        "tell-crm",
        1,
        "tell",
        now,
        1,
        1,
        "crm-1",
        "new_contact",
        "102032",
        "s-1",
        None,
        None,
    )


@asynccontextmanager
async def at(service: Service, now: datetime, **settings: Any) -> AsyncIterator[Container]:
    """The service as another process has it, at an instant."""
    changed = service.settings.model_copy(update=settings)
    container = Container(changed, service.database, FixedClock(now))
    try:
        yield container
    finally:
        await container.webhook_client.close()


async def send(container: Container, work: StepWork) -> Result:
    """Do the step."""
    return (await container.sequence_activities.send_step(work)).result


async def test_a_webhook_step_posts_a_signed_message_and_the_sequence_goes_on(
    at_work: Service, crm: Receiver
) -> None:
    await at_work.playbooks.publish(TELLING, ACTOR)
    entered = await at_work.call("POST", "/sequences", ENTRY | {"playbook_id": "tell-crm"})
    sequence_id = entered["sequence_id"]

    async def on_the_call() -> bool:
        shown = await at_work.call("GET", f"/sequences/{sequence_id}")
        return bool(shown["step_id"] == "call")

    await eventually(on_the_call, what="the step behind the webhook")
    [posted] = crm.posted
    said = Verifier(WEBHOOK_SECRET).verify(posted.body.decode(), posted.headers)
    assert said == json.loads(posted.body)
    assert said["type"] == "followup.step"
    assert said["data"] == {
        "sequence_id": sequence_id,
        "playbook_id": "tell-crm",
        "playbook_version": 1,
        "step_id": "tell",
        "lead_id": "crm-1",
        "municipality_code": "102032",
        "reason": "new_contact",
        "owner": "s-1",
    }
    assert (await kinds(at_work, sequence_id))[:3] == ["started", "scheduled", "sent"]
    assert await calls(at_work) == [("taken", 1, "")]


async def test_what_is_not_taken_is_posted_again_under_the_same_id_until_it_is(
    at_work: Service, crm: Receiver
) -> None:
    await at_work.playbooks.publish(TELLING, ACTOR)
    answers = [status(500), status(429, "retry-after: 120"), OK]
    crm.answer = lambda _: answers.pop(0)
    work, now = the_work(at_work), at_work.clock.now()
    async with at(at_work, now) as container:
        soon, later = now + timedelta(seconds=30), now + timedelta(minutes=2)
        assert await send(container, work) == RefuseStep(1, "not_taken", soon)
        assert await send(container, work) == RefuseStep(1, "not_taken", later)
        assert await calls(at_work) == [("trying", 2, "answered 429")]
        for _ in range(2):
            assert await send(container, work) == RecordSent(1, work.name)
    assert {each.headers["webhook-id"] for each in crm.posted} == {work.name}
    assert len(crm.posted) == 3


@pytest.mark.parametrize(
    ("answer", "later", "attempts", "reason"),
    [
        (status(410), timedelta(0), 1, "answered 410: it doesn't want any more"),
        (status(503), GIVEN_UP_AFTER, 2, "answered 503"),
    ],
)
async def test_a_receiver_that_never_takes_it_fails_the_step_and_the_reason_is_kept(
    at_work: Service, crm: Receiver, answer: bytes, later: timedelta, attempts: int, reason: str
) -> None:
    await at_work.playbooks.publish(TELLING, ACTOR)
    crm.answer = lambda _: answer
    work, now, result = the_work(at_work), at_work.clock.now(), None
    for instant in (now, now + later):
        async with at(at_work, instant) as container:
            result = await send(container, work)
    assert result == RecordFailure(1, work.name, "not_taken")
    assert await calls(at_work) == [("failed", attempts, reason)]


async def test_a_webhook_that_the_settings_do_not_name_is_refused(at_work: Service) -> None:
    unknown = TELLING.replace("hook: crm", "hook: erp")
    with pytest.raises(PlaybookFileError, match="no webhook is called 'erp'"):
        await at_work.playbooks.publish(unknown, ACTOR)
    await at_work.playbooks.publish(TELLING, ACTOR)
    async with at(at_work, at_work.clock.now(), webhooks=WebhookSettings()) as container:
        refused = await send(container, the_work(at_work))
    assert refused == RefuseStep(1, "unknown_webhook")
