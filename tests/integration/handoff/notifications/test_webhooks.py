"""Webhooks, posted to a real web server and verified as receivers do."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from standardwebhooks.webhooks import Webhook as Verifier

from handoff.container import Container
from handoff.domain.handoff.state import HandoffState
from handoff.notifications.service import WebhookRequest
from handoff.settings import NotificationSettings
from kakehashi_common.audit import Actor
from kakehashi_common.webhooks.settings import WebhookSettings
from tests.support.handoff_api import Service
from tests.support.handoff_notifications import (
    deliver,
    enter,
    installation,
    notice,
    open_handoff,
    queue,
    set_time,
    stand,
)
from tests.support.handoff_receivers import OK, receiver, status
from tests.support.tls import Authority
from tests.support.waiting import eventually

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
ME = Actor("tester", "tests")
LOCAL = WebhookSettings(http_to_localhost=True)


@dataclass
class Scene:
    service: Service
    handoff: HandoffState
    container: Container
    now: datetime
    """When the test began: verifiers take no message that is minutes old."""

    async def subscribe(self, webhook_id: str, url: str, *secrets: str) -> None:
        request = WebhookRequest(webhook_id, url, secrets or (OLD,), (), active=True)
        await self.container.notifications.put_webhook(request, ME)

    async def tell(self) -> None:
        await queue(self.service, self.handoff, notice(act_by=self.now), at=self.now)


@pytest_asyncio.fixture
async def scene(service: Service) -> AsyncIterator[Scene]:
    await enter(service)
    now = datetime.now(UTC).replace(microsecond=0)
    container = installation(
        service,
        now,
        webhooks=LOCAL,
        notifications=NotificationSettings(handoff_url="https://kakehashi.example.jp/handoffs"),
    )
    yield Scene(service, await open_handoff(service), container, now)
    await container.webhook_poster.close()


async def test_what_is_posted_can_be_verified_with_either_secret(scene: Scene) -> None:
    async with receiver() as server:
        await scene.subscribe("chat", server.url, NEW, OLD)
        await scene.tell()
        await deliver(scene.container)
        [posted] = server.posted
    assert Verifier(OLD).verify(posted.body, posted.headers) == json.loads(posted.body)
    assert Verifier(NEW).verify(posted.body, posted.headers) == {
        "type": "handoff.assigned",
        "timestamp": scene.now.astimezone(scene.handoff.requested_at.tzinfo).isoformat(),
        "data": {
            "notification_id": posted.headers["webhook-id"],
            "handoff_id": "h-1",
            "lead_id": "lead-h-1",
            "municipality_code": "102032",
            "recipient": "member",
            "member_id": "fs-1",
            "text": "新しい引き継ぎがあります。",
            "act_by": scene.now.astimezone(scene.handoff.requested_at.tzinfo).isoformat(),
            "urgent": False,
            "url": "https://kakehashi.example.jp/handoffs/h-1",
        },
    }
    assert posted.headers["content-type"] == "application/json"
    assert await stand(scene.service) == [("delivered", 1, None)]  # and no mail server is missed


ENDLESS = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + b"10000\r\n%b\r\n" % (
    b"x" * 65_536
)


@pytest.mark.parametrize(
    ("answer", "state", "error", "again_after"),
    [
        (status(204), "delivered", None, None),
        (ENDLESS + b"10000\r\n", "delivered", None, None),
        (status(302, "location: http://127.0.0.1:1/"), "pending", "answered 302", 5),
        (status(400), "pending", "answered 400", 5),
        (status(503, "retry-after: 90"), "pending", "answered 503", 90),
        (status(410), "dead", "answered 410: it doesn't want any more", None),
        (b"garbage\r\n\r\n", "pending", "no answer: illegal status line", 5),
    ],
    ids=["2xx", "endless", "a redirect", "4xx", "retry-after", "gone", "no HTTP"],
)
async def test_an_answer_decides_what_becomes_of_it(
    scene: Scene, answer: bytes, state: str, error: str | None, again_after: int | None
) -> None:
    async with receiver(lambda _: answer) as server:
        await scene.subscribe("chat", server.url)
        await scene.tell()
        await deliver(scene.container)
        assert len(server.posted) == 1
    [(found, attempts, said)] = await stand(scene.service)
    assert (found, attempts) == (state, 1)
    assert (said or "").startswith(error or "")
    if again_after is not None:
        [row] = await scene.service.fetch("select due_at from delivery")
        assert row["due_at"] - scene.now <= timedelta(seconds=again_after)
        assert row["due_at"] - scene.now >= timedelta(seconds=again_after / 2)


async def test_a_repeat_has_the_same_id_and_another_timestamp(scene: Scene) -> None:
    answers = [status(500), OK]
    async with receiver(lambda _: answers.pop(0)) as server:
        await scene.subscribe("chat", server.url)
        await scene.tell()
        await deliver(scene.container)
        set_time(scene.container, scene.now + timedelta(seconds=10))
        await deliver(scene.container)
        first, second = server.posted
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert first.body == second.body
    assert Verifier(OLD).verify(second.body, second.headers)


async def test_one_that_does_not_answer_holds_up_nobody_else(scene: Scene) -> None:
    stop = asyncio.Event()
    async with receiver(lambda _: None) as slow, receiver() as quick:
        await scene.subscribe("a-slow", slow.url)
        await scene.subscribe("quick", quick.url)
        for number in range(8):
            state = await open_handoff(scene.service, f"h-2{number}")
            await queue(scene.service, state, notice(), at=scene.now)
        await scene.container.notifier.look(stop)
        await eventually(lambda: len(quick.posted) == 8 and len(slow.posted) == 4)
        stop.set()
    await scene.container.notifier.finish()


async def test_an_inactive_one_gets_nothing_until_it_is_active_again(scene: Scene) -> None:
    async with receiver() as server:
        await scene.subscribe("chat", server.url)
        await scene.tell()
        off = WebhookRequest("chat", server.url, None, (), active=False)
        await scene.container.notifications.put_webhook(off, ME)
        await deliver(scene.container)
        assert server.posted == []
        await scene.subscribe("chat", server.url)
        await deliver(scene.container)
        assert len(server.posted) == 1


async def test_the_name_of_a_private_address_is_refused_when_it_is_connected_to(
    scene: Scene,
) -> None:
    async with receiver() as server:
        await scene.subscribe("chat", server.url.replace("http://127.0.0.1", "https://localhost"))
        await scene.tell()
        public_only = installation(scene.service, scene.now, webhooks=WebhookSettings())
        await deliver(public_only)
        assert server.posted == []
    [(state, _, error)] = await stand(scene.service)
    assert state == "pending"
    assert (error or "").endswith("which is refused")
    await public_only.webhook_poster.close()


@pytest.mark.parametrize("trusted", [True, False])
async def test_tls_is_verified_against_the_name(
    scene: Scene, tmp_path: Path, *, trusted: bool
) -> None:
    authority = Authority(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*authority.issue("hooks", "localhost" if trusted else "example.jp"))
    settings = WebhookSettings(http_to_localhost=True, ssl_ca_file=authority.ca_file)
    container = installation(scene.service, scene.now, webhooks=settings)
    async with receiver(ssl=context) as server:
        await scene.subscribe("chat", server.url.replace("127.0.0.1", "localhost"))
        await scene.tell()
        await deliver(container)
        assert len(server.posted) == (1 if trusted else 0)
    [(state, _, _)] = await stand(scene.service)
    assert state == ("delivered" if trusted else "pending")
    await container.webhook_poster.close()
