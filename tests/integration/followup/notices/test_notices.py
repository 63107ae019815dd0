"""Sellers are told by mail what they have to do, and reminded: a real mail server takes it."""

import email
import email.policy
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from typing import Any

import pytest_asyncio

from followup.container import Container
from followup.delivery.sending import Mailer
from followup.domain.message_ids import message_id
from followup.inbox.maildir import ArrivedMail
from followup.notices.sender import Notices
from followup.tables import notice as table
from kakehashi_common.clock import TOKYO, FixedClock
from tests.support.followup_api import Service, webhook_endpoint
from tests.support.followup_examples import ADDRESS, ENTRY, SELLER, mail_went
from tests.support.handoff_receivers import OK, receiver, status
from tests.support.incoming_mails import mail


@dataclass(eq=False)
class Morning:
    """The first office hours after today, with an approval that is asked for."""

    service: Service
    clock: FixedClock
    approval: dict[str, Any]
    mailer: Mailer

    def notices(self, *, webhook: str | None = None, default_owner: str | None = None) -> Notices:
        """Return what tells sellers, as another process has it."""
        service = self.service
        if webhook is not None:
            service.settings.webhooks.endpoints["desk"] = webhook_endpoint(webhook)
        changes = {
            "default_owner": default_owner,
            "reminder_webhook": None if webhook is None else "desk",
        }
        settings = service.settings.model_copy(update=changes)
        container = Container(settings, service.database, self.clock)
        container.mails.mailer, container.webhook_client = self.mailer, service.webhook_client
        return container.notices

    @property
    def mails(self) -> list[EmailMessage]:
        """The mails that the mail server accepted."""
        return [
            email.message_from_bytes(each, policy=email.policy.default)
            for each in self.service.box.messages
        ]

    async def states(self) -> list[tuple[str, str]]:
        async with self.service.database.transaction() as connection:
            rows = await connection.execute(table.select().order_by(table.c.notice_id))
            return [(row.notice_id, row.state) for row in rows]

    def to_the_last_day(self) -> None:
        """Let time pass until the approval is about to expire."""
        expires_at = datetime.fromisoformat(self.approval["expires_at"])
        self.clock.instant = expires_at - timedelta(hours=1)


@pytest_asyncio.fixture
async def morning(at_work: Service) -> AsyncIterator[Morning]:
    entered = await at_work.call("POST", "/sequences", ENTRY)
    shown = await at_work.call("GET", f"/sequences/{entered['sequence_id']}")
    approval = await at_work.call("GET", f"/approvals/{shown['approval_id']}")
    tomorrow = at_work.clock.now().astimezone(TOKYO).date() + timedelta(days=1)
    midnight = datetime.combine(tomorrow, time(), TOKYO)
    opens = at_work.office.hours.next_open(midnight)
    yield Morning(at_work, FixedClock(opens), approval, at_work.mails.mailer)
    at_work.settings.webhooks.endpoints.pop("desk", None)


async def test_each_seller_with_something_to_do_gets_one_mail_a_morning(
    morning: Morning,
) -> None:
    await morning.service.call("PUT", "/sellers/s-2", SELLER | {"email": "idle@example.co.jp"})
    day = morning.clock.now().astimezone(TOKYO).date().isoformat()

    assert await morning.notices().look() == 1
    assert await morning.notices().look() == 0

    [mail] = morning.mails
    assert morning.service.box.recipients == [SELLER["email"]]
    assert "承認1件" in mail["Subject"]
    assert mail["Message-ID"] == f"<daily.s-1.{day}@mail.example.jp>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert morning.approval["approval_id"] in mail.get_content()
    assert await morning.states() == [
        (f"daily.s-1.{day}", "sent"),
        (f"daily.s-2.{day}", "not_needed"),
    ]

    next_day = morning.clock.now() + timedelta(days=1)
    morning.clock.instant = morning.service.office.hours.next_open(next_day)
    assert await morning.notices().look() >= 1
    assert len(morning.mails) >= 2


async def answered(
    morning: Morning, text: str = "来週お電話ください。", *, again: bool = False
) -> str:
    """Have the contact answer a mail of the sequence; return the digest by which it is kept."""
    service, sequence_id = morning.service, morning.approval["sequence_id"]
    named = message_id(sequence_id, "hello.1", "mail.example.jp")
    if not again:
        await mail_went(service.database, sequence_id, named, lead_id="crm-1")
    arrived = ArrivedMail.of(mail(text, sender=ADDRESS, answers=named), morning.clock.now())
    await service.mails.incoming_mails.take(arrived)
    return arrived.digest


async def test_the_owner_is_notified_of_an_answer_at_once_and_once_and_can_read_it(
    morning: Morning,
) -> None:
    await morning.notices().look()
    digest = await answered(morning)
    for _ in range(2):
        await morning.notices().look()

    [_, notice] = morning.mails
    assert morning.service.box.recipients[-1] == SELLER["email"]
    assert notice["Subject"] == "【フォローアップ】返信がありました（群馬県桐生市）"
    assert f"返信番号：{digest}" in notice.get_content()
    assert "お電話" not in notice.get_content()
    assert ADDRESS not in notice.as_string()

    service = morning.service
    shown = await service.call("GET", f"/incoming-mails/{digest}")
    assert (shown["kind"], shown["text"], shown["address"], shown["lead_id"]) == (
        "answer",
        "来週お電話ください。",
        ADDRESS,
        "crm-1",
    )
    async with service.database.raw_transaction() as connection:
        audited = await connection.fetchval(
            "select subject from audit where what = 'read_incoming_mail'"
        )
    assert audited == f"incoming_mail/{digest}"


async def test_many_answers_to_one_sequence_are_one_notice_an_hour(morning: Morning) -> None:
    await morning.notices().look()
    await answered(morning, "一通目")
    await morning.notices().look()
    later = [await answered(morning, f"続き{number}", again=True) for number in range(5)]
    await morning.notices().look()
    assert len(morning.mails) == 2, "the daily list, and the first answer"

    morning.clock.instant += timedelta(hours=1)
    for _ in range(2):
        await morning.notices().look()
    [_, _, notice] = morning.mails
    assert "このほかに、同じシーケンスへの返信が4件あります。" in notice.get_content()
    assert sum(digest in notice.get_content() for digest in later) == 1


async def test_an_answer_is_in_the_list_of_its_day_and_of_the_next_business_day(
    morning: Morning,
) -> None:
    digest = await answered(morning, "今回は見送らせていただきます。")
    service, office = morning.service, morning.service.office
    lists = Container(service.settings, service.database, morning.clock).for_sellers.daily_lists
    for expected in ([digest], [digest], []):
        found = await lists.of("s-1")
        assert [each.item_id for each in found.answers] == expected
        assert all(each.title == "お断りの返信がありました" for each in found.answers)
        morning.clock.instant = office.hours.next_open(morning.clock.instant + timedelta(days=1))


async def test_whoever_stands_in_for_the_owner_is_notified_of_an_answer(morning: Morning) -> None:
    service, now = morning.service, morning.clock.now()
    await service.call("PUT", "/sellers/s-2", SELLER | {"email": "deputy@example.co.jp"})
    absence = {
        "starts": (now - timedelta(hours=1)).isoformat(),
        "ends": (now + timedelta(days=9)).isoformat(),
        "deputy": "s-2",
    }
    await service.call("PUT", "/sellers/s-1/absences/leave", absence)
    await answered(morning)
    await morning.notices().look()
    assert service.box.recipients == ["deputy@example.co.jp"]


async def test_an_answer_that_was_erased_is_not_shown(morning: Morning) -> None:
    digest = await answered(morning)
    await morning.service.call("DELETE", "/contacts/crm-1/personal-data")
    path = f"/incoming-mails/{digest}"
    assert await morning.service.refused("GET", path) == (404, "not_found")


async def test_outside_office_hours_nobody_is_told_anything(morning: Morning) -> None:
    morning.clock.instant -= timedelta(minutes=1)
    assert await morning.notices().look() == 0
    assert await morning.states() == []


async def test_who_is_away_gets_the_list_when_they_are_back(morning: Morning) -> None:
    now = morning.clock.now()
    absence = {
        "starts": (now - timedelta(hours=1)).isoformat(),
        "ends": (now + timedelta(hours=1)).isoformat(),
    }
    await morning.service.call("PUT", "/sellers/s-1/absences/leave", absence)
    assert await morning.notices().look() == 0
    morning.clock.instant = now + timedelta(hours=1)
    assert await morning.notices().look() == 1


async def test_a_mail_whose_answer_never_came_is_not_sent_again(morning: Morning) -> None:
    morning.service.box.to_messages.append("disconnect")
    assert await morning.notices().look() == 1
    morning.clock.instant += timedelta(hours=1)
    assert await morning.notices().look() == 0
    assert len(morning.mails) == 1
    assert [state for _, state in await morning.states()] == ["sending"]


async def test_a_mail_that_the_server_puts_off_goes_later_on_the_same_day(
    morning: Morning,
) -> None:
    morning.service.box.to_recipients.append("451 4.3.0 later")
    await morning.notices().look()
    assert morning.mails == []
    morning.clock.instant += timedelta(minutes=2)
    await morning.notices().look()
    assert len(morning.mails) == 1


async def test_a_list_that_could_not_be_sent_on_its_day_is_not_sent_on_another(
    morning: Morning,
) -> None:
    reachable = morning.mailer
    morning.mailer = Mailer(morning.service.settings.mail.model_copy(update={"port": 1}))
    await morning.notices().look()
    morning.mailer = reachable
    [(first, state)] = await morning.states()
    assert state == "due"
    next_day = morning.clock.now() + timedelta(days=1)
    morning.clock.instant = morning.service.office.hours.next_open(next_day)
    await morning.notices().look()
    assert dict(await morning.states())[first] == "not_needed"


async def test_somebody_is_reminded_once_of_an_approval_that_nobody_has_taken(
    morning: Morning,
) -> None:
    path = f"/approvals/{morning.approval['approval_id']}"
    await morning.notices().look()
    assert (await morning.service.call("GET", path))["reminded_at"] is None
    morning.to_the_last_day()

    for _ in range(2):
        await morning.notices().look()

    reminders = [each for each in morning.mails if "期限が近づいています" in each["Subject"]]
    assert len(reminders) == 1
    assert morning.approval["approval_id"] in reminders[0].get_content()
    assert (await morning.service.call("GET", path))["reminded_at"] is not None


async def test_nobody_is_reminded_of_what_somebody_has_taken(morning: Morning) -> None:
    path = f"/approvals/{morning.approval['approval_id']}"
    edit = {"subject": "件名", "text": morning.approval["text"]}
    await morning.service.call("PUT", f"{path}/text", edit)
    morning.to_the_last_day()
    await morning.notices().look()
    assert not any("期限が近づいています" in each["Subject"] for each in morning.mails)


async def test_what_nobody_has_is_told_to_the_default_owner(morning: Morning) -> None:
    async with morning.service.database.raw_transaction() as connection:
        await connection.execute("update approval set approver = null")
    morning.to_the_last_day()
    await morning.notices(default_owner="s-1").look()
    assert any("期限が近づいています" in each["Subject"] for each in morning.mails)


async def test_a_reminder_is_posted_to_the_webhook_until_it_is_taken(morning: Morning) -> None:
    answers = [status(503), OK]
    morning.to_the_last_day()
    async with receiver(lambda _: answers.pop(0)) as server:
        await morning.notices(webhook=server.url).look()
        morning.clock.instant += timedelta(minutes=1)
        await morning.notices(webhook=server.url).look()
        first, second = server.posted
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
    said = json.loads(second.body)
    assert (said["type"], said["data"]["item_id"], said["data"]["kind"]) == (
        "followup.reminder",
        morning.approval["approval_id"],
        "approval",
    )
    assert dict(await morning.states())[second.headers["webhook-id"]] == "sent"
