"""Mail to members, handed to a real mail server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
import pytest_asyncio

from handoff.container import Container
from handoff.domain.handoff.effects import NotifyReason, Recipient
from handoff.domain.handoff.state import HandoffState
from handoff.notifications import deliveries
from handoff.notifications.deliveries import LEASE
from handoff.settings import NotificationSettings
from kakehashi_common.mail.settings import MailSettings
from tests.support.handoff_api import Service
from tests.support.handoff_notifications import (
    MONDAY,
    deliver,
    enter,
    installation,
    notice,
    open_handoff,
    queue,
    set_time,
    stand,
)
from tests.support.handoff_receivers import Mailbox, mailbox
from tests.support.handoffs import HOUR, at

TUESDAY_DIGEST = at("2026-12-01 08:30")
URL = "https://kakehashi.example.jp/handoffs"


@dataclass
class Scene:
    service: Service
    box: Mailbox
    handoff: HandoffState
    container: Container

    def beside(self, now: datetime) -> Container:
        """Another notifier."""
        settings = self.container.settings
        return installation(
            self.service, now, mail=settings.mail, notifications=settings.notifications
        )


@pytest_asyncio.fixture
async def scene(service: Service) -> AsyncIterator[Scene]:
    await enter(service)
    async with mailbox() as box:
        mail = MailSettings(
            host="127.0.0.1", port=box.port, security="none", sender="kakehashi@example.jp"
        )
        container = installation(
            service, MONDAY, mail=mail, notifications=NotificationSettings(handoff_url=URL)
        )
        yield Scene(service, box, await open_handoff(service), container)


def text_of(letter: EmailMessage) -> str:
    return str(letter.get_content())


async def test_a_notice_is_a_letter_with_a_link(scene: Scene) -> None:
    due = at("2026-12-01 10:00")
    await queue(scene.service, scene.handoff, notice("受諾の可否を回答してください。", act_by=due))
    await deliver(scene.container)
    [letter] = scene.box.letters
    assert scene.box.recipients == ["fs-1@example.jp"]
    assert (letter["from"], letter["to"]) == ("kakehashi@example.jp", "fs-1@example.jp")
    assert letter["subject"] == "【引き継ぎ】新しい引き継ぎの担当になりました（群馬県桐生市）"
    assert letter["auto-submitted"] == "auto-generated"
    assert letter["message-id"].endswith("@example.jp>")
    assert letter.get_content_type() == "text/plain"
    for part in (
        "佐藤 fs-1 様",
        "受諾の可否を回答してください。",
        "2026年12月1日（火）10:00",
        f"{URL}/h-1",
    ):
        assert part in text_of(letter)
    assert await stand(scene.service) == [("delivered", 1, None)]


async def test_many_are_gathered_and_sent_as_one_on_the_next_working_day(scene: Scene) -> None:
    told = [notice(f"知らせ{number}") for number in range(5)]
    await queue(scene.service, scene.handoff, *told)
    await deliver(scene.container)
    assert len(scene.box.letters) == 3
    late = notice("期限を過ぎています", reason=NotifyReason.OVERDUE, urgent=True)
    await queue(scene.service, scene.handoff, late, version=2)
    await deliver(scene.container)
    assert [each["subject"] for each in scene.box.letters][3:] == [
        "【至急・引き継ぎ】期限を過ぎています（群馬県桐生市）"
    ]
    set_time(scene.container, TUESDAY_DIGEST)
    await deliver(scene.container)
    digest = scene.box.letters[4]
    assert digest["subject"] == "【引き継ぎ】お知らせ2件"
    assert "知らせ3" in text_of(digest)
    assert "知らせ4" in text_of(digest)
    assert {state for state, _, _ in await stand(scene.service)} == {"delivered"}


async def test_on_friday_evening_it_waits_for_monday(scene: Scene) -> None:
    set_time(scene.container, friday := at("2026-11-27 19:00"))
    await queue(scene.service, scene.handoff, notice(), at=friday)
    await deliver(scene.container)
    set_time(scene.container, at("2026-11-30 08:59"))
    await deliver(scene.container)
    assert scene.box.letters == []
    set_time(scene.container, at("2026-11-30 09:00"))
    await deliver(scene.container)
    assert len(scene.box.letters) == 1


@pytest.mark.parametrize(
    ("answer", "states", "error"),
    [
        ("451 4.7.1 greylisted", ["pending", "delivered"], "the mail server answered 451 4.7.1"),
        (
            "554 5.7.1 <fs-1@example.jp> spam",
            ["dead", "dead"],
            "the mail server answered 554 5.7.1",
        ),
    ],
)
async def test_what_the_server_does_not_take_is_tried_again_or_dead(
    scene: Scene, answer: str, states: list[str], error: str
) -> None:
    scene.box.answers = [answer]
    await queue(scene.service, scene.handoff, notice())
    await deliver(scene.container)
    assert await stand(scene.service) == [(states[0], 1, error)]
    set_time(scene.container, MONDAY + timedelta(seconds=10))
    await deliver(scene.container)
    assert [state for state, _, _ in await stand(scene.service)] == [states[1]]


async def test_a_server_that_is_away_is_waited_for(scene: Scene) -> None:
    away = MailSettings(host="127.0.0.1", port=1, security="none", sender="k@example.jp")
    await queue(scene.service, scene.handoff, notice())
    await deliver(installation(scene.service, MONDAY, mail=away))
    [(state, _, error)] = await stand(scene.service)
    assert (state, error) == ("pending", "the mail server can't be reached: SMTPConnectError")
    set_time(scene.container, MONDAY + HOUR)
    await deliver(scene.container)
    assert len(scene.box.letters) == 1


async def test_without_an_address_it_can_not_be_delivered_until_one_is_entered(
    scene: Scene,
) -> None:
    member = {"team_id": "kanto", "name": "鈴木", "roles": ["field_sales"], "capacity": 1}
    await scene.service.put("/members/fs-1", member)
    await queue(scene.service, scene.handoff, notice())
    await deliver(scene.container)
    assert await stand(scene.service) == [
        ("undeliverable", 0, "fs-1 has no email: enter it, and retry")
    ]
    await scene.service.put("/members/fs-1", member | {"email": "suzuki@example.jp"})
    await retry_all(scene)
    await deliver(scene.container)
    assert scene.box.recipients == ["suzuki@example.jp"]


async def retry_all(scene: Scene) -> None:
    failed = (await scene.service.http.get("/notifications")).json()["items"]
    for each in failed:
        answer = await scene.service.http.post(f"/notifications/{each['notification_id']}/retry")
        assert answer.status_code == 200, answer.text
    # The API's clock goes on; the scene's stands still.
    await scene.service.fetch("update delivery set due_at = $1 returning 1", MONDAY)


async def test_for_nobody_it_can_not_be_delivered_until_somebody_is_named(scene: Scene) -> None:
    await scene.service.put("/teams/kanto", {"name": "関東", "hours": {"monday": ["09:00-18:00"]}})
    await queue(scene.service, scene.handoff, notice("", Recipient.LEAD, "fs-1"))
    await deliver(scene.container)
    [(state, _, error)] = await stand(scene.service)
    assert state == "undeliverable"
    assert (error or "").startswith("nobody was found: name a lead of the team")
    named = {"name": "関東", "lead": "fs-lead", "hours": {"monday": ["09:00-18:00"]}}
    await scene.service.put("/teams/kanto", named)
    await retry_all(scene)
    await deliver(scene.container)
    assert scene.box.recipients == ["fs-lead@example.jp"]


async def test_a_fallback_is_notified_where_nobody_else_is_found(scene: Scene) -> None:
    fallback = NotificationSettings(fallback_member="is-lead")
    elsewhere = await open_handoff(scene.service, "h-2", None)
    await queue(scene.service, elsewhere, notice("", Recipient.LEAD, None))
    await deliver(
        installation(
            scene.service, MONDAY, mail=scene.container.settings.mail, notifications=fallback
        )
    )
    assert scene.box.recipients == ["is-lead@example.jp"]


async def test_who_left_is_represented_by_the_lead(scene: Scene) -> None:
    await queue(scene.service, scene.handoff, notice())
    left = {"team_id": "kanto", "name": "鈴木", "roles": ["field_sales"], "capacity": 0}
    await scene.service.put("/members/fs-1", left | {"active": False})
    await deliver(scene.container)
    assert scene.box.recipients == ["fs-lead@example.jp"]


async def test_without_a_mail_server_it_says_so(scene: Scene) -> None:
    await queue(scene.service, scene.handoff, notice())
    await deliver(installation(scene.service, MONDAY))
    assert await stand(scene.service) == [
        ("undeliverable", 0, "no mail server is set up: give HANDOFF_MAIL__HOST, and retry")
    ]


async def test_several_notifiers_send_each_letter_once(scene: Scene) -> None:
    for number in range(20):
        state = await open_handoff(scene.service, f"h-2{number}")
        await queue(scene.service, state, notice(urgent=True))
    await deliver(*(scene.beside(MONDAY) for _ in range(3)))
    await deliver(scene.container)
    assert len(scene.box.ids) == len(set(scene.box.ids)) == 20


async def test_what_a_killed_notifier_had_in_hand_is_sent_by_another(scene: Scene) -> None:
    await queue(scene.service, scene.handoff, notice(urgent=True))
    await deliver(scene.beside(MONDAY))
    # Killed after the mail was handed over, before that was noted.
    await scene.service.fetch(
        "update delivery set state = 'pending', delivered_at = null returning 1"
    )
    await deliver(scene.beside(MONDAY + LEASE - timedelta(seconds=1)))
    assert len(scene.box.ids) == 1
    await deliver(scene.beside(MONDAY + LEASE))
    assert len(scene.box.ids) == 2
    assert len(set(scene.box.ids)) == 1
    assert await stand(scene.service) == [("delivered", 2, None)]


async def test_a_digest_that_was_taken_and_not_sent_is_sent_as_it_was(scene: Scene) -> None:
    told = [notice(f"知らせ{number}") for number in range(6)]
    await queue(scene.service, scene.handoff, *told)
    await deliver(scene.container)
    await scene.beside(TUESDAY_DIGEST).notifier._planner.plan()  # noqa: SLF001 - killed after it
    async with scene.service.database.transaction() as connection:
        [taken] = await deliveries.take(connection, None, TUESDAY_DIGEST, 10)
    assert [each.text for each in taken.notices] == ["知らせ3", "知らせ4", "知らせ5"]
    await queue(scene.service, scene.handoff, notice("遅れて"), version=2, at=TUESDAY_DIGEST)
    later = scene.beside(TUESDAY_DIGEST + LEASE)
    await asyncio.gather(deliver(later), deliver(scene.beside(TUESDAY_DIGEST + LEASE)))
    [digest] = scene.box.letters[3:]
    assert digest["message-id"].startswith("<digest.")
    assert digest["subject"] == "【引き継ぎ】お知らせ3件"
    assert "遅れて" not in text_of(digest)
