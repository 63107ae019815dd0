"""A contact on the way through a playbook: real PostgreSQL, Temporal and mail server."""

import email
import email.message
import email.policy
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from followup.inbox.maildir import ArrivedMail
from tests.support.followup_api import Service
from tests.support.followup_examples import ADDRESS, ENTRY
from tests.support.waiting import eventually


async def entered(at_work: Service, **differences: Any) -> str:
    status = await at_work.call("POST", "/sequences", ENTRY | differences)
    sequence_id: str = status["sequence_id"]
    return sequence_id


async def approval_of(at_work: Service, sequence_id: str) -> dict[str, Any]:
    shown = await at_work.call("GET", f"/sequences/{sequence_id}")
    return await at_work.call("GET", f"/approvals/{shown['approval_id']}")


async def approve(at_work: Service, sequence_id: str) -> dict[str, Any]:
    approval = await approval_of(at_work, sequence_id)
    path = f"/approvals/{approval['approval_id']}"
    text = approval["text"].replace(
        "【相手に合わせた一文】", "先日は展示会でありがとうございました。"
    )
    await at_work.call("PUT", f"{path}/text", {"subject": approval["subject"], "text": text})
    return await at_work.call("POST", f"{path}/approve", {"by": "s-1"})


async def status_of(at_work: Service, sequence_id: str) -> str:
    shown = await at_work.call("GET", f"/sequences/{sequence_id}")
    return str(shown["status"])


async def kinds(at_work: Service, sequence_id: str) -> list[str]:
    shown = await at_work.call("GET", f"/sequences/{sequence_id}/history")
    return [each["kind"] for each in shown["items"]]


async def test_a_mail_is_approved_edited_and_goes_once(at_work: Service) -> None:
    sequence_id = await entered(at_work)
    approval = await approval_of(at_work, sequence_id)
    assert approval["unfilled"] == ["相手に合わせた一文"]
    path = f"/approvals/{approval['approval_id']}"
    assert await at_work.refused("POST", f"{path}/approve", {"by": "s-1"}) == (
        409,
        "fill_in_missing",
    )

    await approve(at_work, sequence_id)

    await eventually(lambda: bool(at_work.box.messages), what="the mail")
    mail = email.message_from_bytes(at_work.box.messages[0], policy=email.policy.default)
    assert mail["Subject"] == "ごあいさつ（株式会社かけはし）"
    assert mail["To"] == f"田中 一郎 <{ADDRESS}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "先日は展示会でありがとうございました。" in text
    assert "東京都千代田区丸の内1-1-1" in text

    async def sent() -> bool:
        return "sent" in await kinds(at_work, sequence_id)

    await eventually(sent, what="the record")
    assert await kinds(at_work, sequence_id) == [
        "started",
        "approval_requested",
        "approved",
        "scheduled",
        "sent",
    ]
    assert len(at_work.box.messages) == 1
    shown = await at_work.call("GET", path)
    assert (shown["status"], shown["original_text"] != shown["text"]) == ("approved", True)


async def test_a_mail_that_went_without_an_answer_does_not_stand_in_its_own_way(
    at_work: Service,
) -> None:
    at_work.box.to_messages.append("disconnect")
    sequence_id = await entered(at_work)
    await approve(at_work, sequence_id)
    assert (await kinds(at_work, sequence_id))[-1] == "refused", "nobody knows whether it went"
    [mail] = at_work.box.messages
    message_id = email.message_from_bytes(mail, policy=email.policy.default)["Message-ID"]
    fate = {"message_id": str(message_id), "was_sent": True}
    await at_work.call("POST", "/unknown-mails/settle", fate)

    for what in ("pause", "resume"):  # it is planned again
        await at_work.call("POST", f"/sequences/{sequence_id}/{what}", {"by": "s-1"})

    assert (await kinds(at_work, sequence_id))[-1] == "sent"
    assert len(at_work.box.messages) == 1


async def test_an_answer_ends_it_and_a_second_message_never_goes(at_work: Service) -> None:
    sequence_id = await entered(at_work)
    await approve(at_work, sequence_id)
    await eventually(lambda: bool(at_work.box.messages), what="the mail")
    said = {"occurrence": "answered", "at": "2026-12-01T10:30:00+09:00"}
    ended = await at_work.call("POST", f"/sequences/{sequence_id}/reactions", said)
    assert ended["status"] == "stopped"
    assert await at_work.refused("POST", f"/sequences/{sequence_id}/pause", {}) == (
        409,
        "sequence_ended",
    )


async def test_who_opts_out_while_their_mail_awaits_approval_gets_none(at_work: Service) -> None:
    sequence_id = await entered(at_work)
    approval = await approval_of(at_work, sequence_id)
    await at_work.call("POST", "/suppressions", {"scope": "address", "value": ADDRESS.upper()})
    path = f"/approvals/{approval['approval_id']}/approve"
    approved = {"by": "s-1", "fill_ins": {"personal_note": "先日はありがとうございました。"}}
    assert await at_work.refused("POST", path, approved) == (409, "suppressed")
    decision = await at_work.call("GET", "/send-decisions", params={"lead_id": "crm-1"})
    assert (decision["allowed"], decision["reason"]) == (False, "suppressed")
    assert decision["ja"].startswith("このアドレスには送信しません。")
    assert at_work.box.messages == []


async def test_a_contact_is_in_a_playbook_once_at_a_time(at_work: Service) -> None:
    await entered(at_work)
    assert await at_work.refused("POST", "/sequences", ENTRY) == (409, "contact_in_playbook")


async def test_a_rejected_mail_ends_it_and_the_reason_is_kept(at_work: Service) -> None:
    sequence_id = await entered(at_work)
    approval = await approval_of(at_work, sequence_id)
    path = f"/approvals/{approval['approval_id']}"
    rejected = await at_work.call("POST", f"{path}/reject", {"by": "s-1", "reason": "会期中"})
    assert (rejected["status"], rejected["reason"]) == ("rejected", "会期中")
    assert await status_of(at_work, sequence_id) == "stopped"


async def test_a_skipped_mail_withdraws_its_approval(at_work: Service) -> None:
    sequence_id = await entered(at_work)
    approval = await approval_of(at_work, sequence_id)
    path = f"/sequences/{sequence_id}/skip"
    assert await at_work.refused("POST", path, {"step_id": "call"}) == (
        409,
        "not_the_present_step",
    )
    await at_work.call("POST", path, {"step_id": "hello"})
    shown = await at_work.call("GET", f"/approvals/{approval['approval_id']}")
    assert shown["status"] == "withdrawn"
    assert (await at_work.call("GET", "/approvals"))["items"] == []


async def test_what_is_asked_of_an_unknown_playbook_or_sequence_is_refused(
    at_work: Service,
) -> None:
    assert await at_work.refused("POST", "/sequences", ENTRY | {"playbook_id": "none"}) == (
        404,
        "not_found",
    )
    assert await at_work.refused("POST", "/sequences", ENTRY | {"playbook_version": 7}) == (
        422,
        "unknown_playbook",
    )
    assert await at_work.refused("POST", "/sequences", ENTRY | {"owner": "s-99"}) == (
        422,
        "unknown_seller",
    )
    assert await at_work.refused("POST", "/sequences/none/stop", {}) == (404, "not_found")


async def test_the_link_of_a_mail_opts_out_by_a_post_and_a_get_changes_nothing(
    at_work: Service,
) -> None:
    sequence_id = await entered(at_work)
    await approve(at_work, sequence_id)
    await eventually(lambda: bool(at_work.box.messages), what="the mail")
    mail = email.message_from_bytes(at_work.box.messages[0], policy=email.policy.default)
    link = str(mail["List-Unsubscribe"]).split(">")[0].lstrip("<")
    path = link.removeprefix("https://followup.example.jp/v1")
    anonymous = {"authorization": ""}

    for damaged in (path, f"{path}/", f"{path}%3E", f"{path}。", f"{path}?utm_source=mail"):
        shown = await at_work.http.get(damaged, headers=anonymous)
        assert (shown.status_code, "配信を停止する" in shown.text) == (200, True)
    assert await status_of(at_work, sequence_id) != "stopped"

    body = {"List-Unsubscribe": "One-Click"}
    for damaged in (f"{path}/", path):
        done = await at_work.http.post(damaged, data=body, headers=anonymous)
        assert (done.status_code, "配信を停止しました" in done.text) == (200, True)
    await at_work.occurrences.look()
    ended = await at_work.call("GET", f"/sequences/{sequence_id}")
    assert (ended["status"], ended["end_reason"]) == ("stopped", "opted_out")
    history = await at_work.call("GET", f"/sequences/{sequence_id}/history")
    assert history["items"][-1]["details"]["by"] == "unsubscribe-link"
    decision = await at_work.call("GET", "/send-decisions", params={"lead_id": "crm-1"})
    assert decision["reason"] == "suppressed"
    for unknown in ("/unsubscribe/forged", "/unsubscribe/", f"/unsubscribe/{'a' * 400}"):
        refused = await at_work.http.post(unknown, headers=anonymous)
        assert (refused.status_code, "配信停止" in refused.text) == (404, True)


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


async def answered(at_work: Service, data: bytes) -> None:
    """Have a mail arrive, and done what follows."""
    arrived = ArrivedMail(data, sha256(data).hexdigest(), datetime.now(UTC))
    await at_work.mails.incoming_mails.take(arrived)
    await at_work.mails.mail_handler.look()


async def test_an_answer_by_mail_ends_it_and_an_absence_only_delays(at_work: Service) -> None:
    sequence_id = await entered(at_work)
    await approve(at_work, sequence_id)
    await eventually(lambda: bool(at_work.box.messages), what="the mail")
    ours = email.message_from_bytes(at_work.box.messages[0], policy=email.policy.default)
    away = "ただいま休暇をいただいております。2099年12月7日より出勤いたします。"
    await answered(at_work, answer(ours["Message-ID"], away, **{"Auto-Submitted": "auto-replied"}))
    shown = await at_work.call("GET", f"/sequences/{sequence_id}")
    assert (shown["status"], shown["paused"]) == ("resting", True)
    await answered(
        at_work, answer(ours["Message-ID"], "資料を拝見しました。一度お話を伺えますか。")
    )
    ended = await at_work.call("GET", f"/sequences/{sequence_id}")
    assert (ended["status"], ended["end_reason"]) == ("stopped", "ご返信")
