"""A contact on the way through a playbook: real PostgreSQL, Temporal and mail server."""

import email
import email.message
import email.policy
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest_asyncio

from followup.inbox.maildir import ArrivedMail
from kakehashi_common.audit import Actor
from kakehashi_common.contracts.lead_events import ProfileChanged
from tests.support import followup_api
from tests.support.followup_api import Service
from tests.support.received import received
from tests.support.waiting import eventually

ACTOR = Actor("tests", "tests")
PLAYBOOK = """
id: greeting
name: ごあいさつ
description: 一通だけ送る。
audience: {roles: [officer]}
entry: {reasons: [new_contact]}
priority: 30
goal: {occurrences: [meeting_booked]}
templates:
  hello:
    kind: mail
    fill_ins:
      personal_note: 相手に合わせた一文
    variants:
      - subject: "ごあいさつ（{{ sender_company }}）"
        body: |
          {{ addressee }}

          {{ sender_company }}の{{ sender_name }}です。
          {{ fill.personal_note }}

          {{ signature }}
steps:
  - {id: hello, kind: mail, template: hello, approval: required}
  - id: reaction
    kind: branch
    cases:
      - {on: negative, stop: 辞退}
      - {on: answered, stop: ご返信}
      - {on: silent, business_days: 5, goto: call}
  - {id: call, kind: call_task, title: お電話, due_business_days: 2}
"""
SELLER = {
    "name": "佐藤 花子",
    "email": "hanako.sato@example.co.jp",
    "signature": "株式会社かけはし\n佐藤 花子",
}
ADDRESS = "joho@city.kiryu.example.jp"
CONSENT = {
    "address": ADDRESS,
    "basis": "business_card",
    "obtained_on": "2026-10-02",
    "evidence": "名刺 C-118",
}
ENTRY = {
    "lead_id": "crm-1",
    "playbook_id": "greeting",
    "reason": "new_contact",
    "municipality_code": "102032",
    "owner": "s-1",
}


@pytest_asyncio.fixture(scope="session")
async def installed() -> AsyncIterator[Service]:
    async with followup_api.service() as service:
        yield service


@pytest_asyncio.fixture
async def service(installed: Service) -> AsyncIterator[Service]:
    await installed.fresh()
    await installed.call("PUT", "/sellers/s-1", SELLER)
    await installed.call("POST", "/consents", CONSENT)
    await installed.playbooks.publish(PLAYBOOK, ACTOR)
    profile = ProfileChanged(
        lead_id="crm-1",
        municipality_code="102032",
        department="デジタル推進課",
        role="officer",
        person_name="田中 一郎",
        email=ADDRESS,
    )
    await installed.contacts.save_lead_events(
        [received(profile, datetime(2026, 11, 2, tzinfo=UTC))]
    )
    async with installed.working():
        yield installed
    await installed.end()


async def entered(service: Service, **differences: Any) -> str:
    status = await service.call("POST", "/sequences", ENTRY | differences)
    sequence_id: str = status["sequence_id"]
    return sequence_id


async def approval_of(service: Service, sequence_id: str) -> dict[str, Any]:
    shown = await service.call("GET", f"/sequences/{sequence_id}")
    return await service.call("GET", f"/approvals/{shown['approval_id']}")


async def approve(service: Service, sequence_id: str) -> dict[str, Any]:
    approval = await approval_of(service, sequence_id)
    path = f"/approvals/{approval['approval_id']}"
    text = approval["text"].replace(
        "【相手に合わせた一文】", "先日は展示会でありがとうございました。"
    )
    await service.call("PUT", f"{path}/text", {"subject": approval["subject"], "text": text})
    return await service.call("POST", f"{path}/approve", {"by": "s-1"})


async def status_of(service: Service, sequence_id: str) -> str:
    shown = await service.call("GET", f"/sequences/{sequence_id}")
    return str(shown["status"])


async def kinds(service: Service, sequence_id: str) -> list[str]:
    shown = await service.call("GET", f"/sequences/{sequence_id}/history")
    return [each["kind"] for each in shown["items"]]


async def test_a_mail_is_approved_edited_and_goes_once(service: Service) -> None:
    sequence_id = await entered(service)
    approval = await approval_of(service, sequence_id)
    assert approval["unfilled"] == ["相手に合わせた一文"]
    path = f"/approvals/{approval['approval_id']}"
    assert await service.refused("POST", f"{path}/approve", {}) == (409, "fill_in_missing")

    await approve(service, sequence_id)

    await eventually(lambda: bool(service.box.messages), what="the mail")
    mail = email.message_from_bytes(service.box.messages[0], policy=email.policy.default)
    assert mail["Subject"] == "ごあいさつ（株式会社かけはし）"
    assert mail["To"] == f"田中 一郎 <{ADDRESS}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "先日は展示会でありがとうございました。" in text
    assert "東京都千代田区丸の内1-1-1" in text

    async def sent() -> bool:
        return "sent" in await kinds(service, sequence_id)

    await eventually(sent, what="the record")
    assert await kinds(service, sequence_id) == [
        "started",
        "approval_requested",
        "approved",
        "scheduled",
        "sent",
    ]
    assert len(service.box.messages) == 1
    shown = await service.call("GET", path)
    assert (shown["status"], shown["original_text"] != shown["text"]) == ("approved", True)


async def test_an_answer_ends_it_and_a_second_message_never_goes(service: Service) -> None:
    sequence_id = await entered(service)
    await approve(service, sequence_id)
    await eventually(lambda: bool(service.box.messages), what="the mail")
    said = {"occurrence": "answered", "at": "2026-12-01T10:30:00+09:00"}
    ended = await service.call("POST", f"/sequences/{sequence_id}/reactions", said)
    assert ended["status"] == "stopped"
    assert await service.refused("POST", f"/sequences/{sequence_id}/pause", {}) == (
        409,
        "sequence_ended",
    )


async def test_who_opts_out_between_approval_and_sending_gets_no_mail(service: Service) -> None:
    sequence_id = await entered(service)
    await service.call("POST", "/suppressions", {"scope": "address", "value": ADDRESS.upper()})
    await approve(service, sequence_id)

    async def left_out() -> bool:
        return "refused" in await kinds(service, sequence_id)

    await eventually(left_out, what="the refusal")
    assert service.box.messages == []
    decision = await service.call("GET", "/send-decisions", params={"lead_id": "crm-1"})
    assert (decision["allowed"], decision["reason"]) == (False, "suppressed")
    assert decision["ja"].startswith("このアドレスには送信しません。")


async def test_a_contact_is_in_a_playbook_once_at_a_time(service: Service) -> None:
    await entered(service)
    assert await service.refused("POST", "/sequences", ENTRY) == (409, "contact_in_playbook")


async def test_a_rejected_mail_ends_it_and_the_reason_is_kept(service: Service) -> None:
    sequence_id = await entered(service)
    approval = await approval_of(service, sequence_id)
    path = f"/approvals/{approval['approval_id']}"
    rejected = await service.call("POST", f"{path}/reject", {"by": "s-1", "reason": "会期中"})
    assert (rejected["status"], rejected["reason"]) == ("rejected", "会期中")
    assert await status_of(service, sequence_id) == "stopped"


async def test_a_skipped_mail_withdraws_its_approval(service: Service) -> None:
    sequence_id = await entered(service)
    approval = await approval_of(service, sequence_id)
    path = f"/sequences/{sequence_id}/skip"
    assert await service.refused("POST", path, {"step_id": "call"}) == (
        409,
        "not_the_present_step",
    )
    await service.call("POST", path, {"step_id": "hello"})
    shown = await service.call("GET", f"/approvals/{approval['approval_id']}")
    assert shown["status"] == "withdrawn"
    assert (await service.call("GET", "/approvals"))["items"] == []


async def test_what_is_asked_of_an_unknown_playbook_or_sequence_is_refused(
    service: Service,
) -> None:
    assert await service.refused("POST", "/sequences", ENTRY | {"playbook_id": "none"}) == (
        404,
        "not_found",
    )
    assert await service.refused("POST", "/sequences", ENTRY | {"playbook_version": 7}) == (
        422,
        "unknown_playbook",
    )
    assert await service.refused("POST", "/sequences/none/stop", {}) == (404, "not_found")


async def test_the_link_of_a_mail_opts_out_by_a_post_and_a_get_changes_nothing(
    service: Service,
) -> None:
    sequence_id = await entered(service)
    await approve(service, sequence_id)
    await eventually(lambda: bool(service.box.messages), what="the mail")
    mail = email.message_from_bytes(service.box.messages[0], policy=email.policy.default)
    link = str(mail["List-Unsubscribe"]).split(">")[0].lstrip("<")
    path = link.removeprefix("https://followup.example.jp/v1")
    anonymous = {"authorization": ""}

    shown = await service.http.get(path, headers=anonymous)
    assert (shown.status_code, "配信を停止する" in shown.text) == (200, True)
    assert await status_of(service, sequence_id) != "stopped"

    body = {"List-Unsubscribe": "One-Click"}
    for _ in range(2):
        done = await service.http.post(path, data=body, headers=anonymous)
        assert (done.status_code, "配信を停止しました" in done.text) == (200, True)
    ended = await service.call("GET", f"/sequences/{sequence_id}")
    assert (ended["status"], ended["end_reason"]) == ("stopped", "opted_out")
    decision = await service.call("GET", "/send-decisions", params={"lead_id": "crm-1"})
    assert decision["reason"] == "suppressed"
    assert (await service.http.post("/unsubscribe/forged", headers=anonymous)).status_code == 404


def answer(to: str, text: str, **headers: str) -> bytes:
    """Return a mail from the contact, in reply to one of ours."""
    lines = {
        "From": f"田中 一郎 <{ADDRESS}>",
        "To": "kakehashi@mail.example.jp",
        "Subject": "Re: ごあいさつ",
        "Message-ID": f"<{hash((to, text)):x}@city.kiryu.example.jp>",
        "In-Reply-To": to,
        **headers,
    }
    message = email.message.EmailMessage()
    for name, value in lines.items():
        message[name] = value
    message.set_content(text)
    return message.as_bytes()


async def answered(service: Service, data: bytes) -> None:
    """Have a mail arrive, and done what follows."""
    arrived = ArrivedMail(data, sha256(data).hexdigest(), datetime.now(UTC))
    await service.incoming_mails.take(arrived)
    await service.mail_handler.look()


async def test_an_answer_by_mail_ends_it_and_an_absence_only_delays(service: Service) -> None:
    sequence_id = await entered(service)
    await approve(service, sequence_id)
    await eventually(lambda: bool(service.box.messages), what="the mail")
    ours = email.message_from_bytes(service.box.messages[0], policy=email.policy.default)
    away = "ただいま休暇をいただいております。2099年12月7日より出勤いたします。"
    await answered(service, answer(ours["Message-ID"], away, **{"Auto-Submitted": "auto-replied"}))
    shown = await service.call("GET", f"/sequences/{sequence_id}")
    assert (shown["status"], shown["paused"]) == ("resting", True)
    await answered(
        service, answer(ours["Message-ID"], "資料を拝見しました。一度お話を伺えますか。")
    )
    ended = await service.call("GET", f"/sequences/{sequence_id}")
    assert (ended["status"], ended["end_reason"]) == ("stopped", "ご返信")
