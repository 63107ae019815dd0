"""Mails that another program has received, handed over by HTTP."""

import httpx
import pytest

from followup.domain.message_ids import message_id
from followup.scopes import WRITE
from tests.support.followup_api import Service
from tests.support.followup_examples import ACTOR, ADDRESS, ENTRY, PLAYBOOK, mail_went

OPT_OUT = f"""\
From: {ADDRESS}
To: kakehashi@mail.example.jp
Subject: Re
Message-ID: <1@city.kiryu.example.jp>
Date: Tue, 01 Dec 2026 10:30:00 +0900
Content-Type: text/plain; charset=utf-8

今後の配信停止をお願いします。
"""
MAIL = {"content-type": "message/rfc822"}


async def posted(service: Service, mail: str | bytes, **headers: str) -> httpx.Response:
    return await service.http.post("/incoming-mails", content=mail, headers=MAIL | headers)


async def test_an_opt_out_that_is_handed_over_ends_the_sequence_and_again_changes_nothing(
    at_work: Service,
) -> None:
    sequence = await at_work.call("POST", "/sequences", ENTRY)
    first = await posted(at_work, OPT_OUT)
    assert (first.status_code, first.json()["kind"]) == (202, "opt_out")
    assert await at_work.mails.mail_handler.look() == 1
    ended = await at_work.call("GET", f"/sequences/{sequence['sequence_id']}")
    assert (ended["status"], ended["end_reason"]) == ("stopped", "opted_out")
    for form in (OPT_OUT, OPT_OUT.replace("\n", "\r\n"), f"Return-Path: <x@y.jp>\n{OPT_OUT}"):
        again = await posted(at_work, form)
        assert (again.status_code, again.json()) == (202, first.json())
    assert await at_work.mails.mail_handler.look() == 0


async def test_what_an_answer_repeats_of_our_mail_is_no_opt_out(at_work: Service) -> None:
    ours = "以前に配信停止をお願いしますとご返信された方にもお送りしています。"
    yaml = PLAYBOOK.replace("id: greeting", "id: repeated")
    yaml = yaml.replace("{{ fill.personal_note }}", f"{ours}{{{{ fill.personal_note }}}}")
    await at_work.playbooks.publish(yaml, ACTOR)
    entry = ENTRY | {"playbook_id": "repeated"}
    sequence_id = (await at_work.call("POST", "/sequences", entry))["sequence_id"]
    named = message_id(
        sequence_id, "hello.1", (at_work.settings.mail.sender or "").rpartition("@")[2]
    )
    await mail_went(at_work.database, sequence_id, named)
    mail = OPT_OUT.replace("Subject: Re", f"Subject: Re\nIn-Reply-To: {named}")
    repeats = mail.replace(
        "今後の配信停止をお願いします。", f"検討します。\n{ours[:12]}\n{ours[12:]}"
    )
    assert (await posted(at_work, repeats)).json()["kind"] == "answer"
    assert (await posted(at_work, mail)).json()["kind"] == "opt_out"


async def test_what_is_no_mail_or_too_large_is_refused(at_work: Service) -> None:
    refused = await posted(at_work, "no header")
    assert (refused.status_code, refused.json()["code"]) == (422, "not_a_mail")
    large = "Subject: x\n\n" + "x" * at_work.settings.http.max_body_bytes
    assert (await posted(at_work, large)).status_code == 413
    other = await posted(at_work, OPT_OUT, **{"content-type": "text/plain"})
    assert other.status_code == 415


@pytest.mark.parametrize(
    "header",
    [
        "Message-ID: <あ@b.jp>".encode(),
        b"Message-ID: <a\0@b.jp>",
        b"Message-ID: <\xff\xfe@b.jp>",
        b"From: a\0@b.jp",
        b"From: \xe3@b.jp",
        b"In-Reply-To: <a\0@b.jp>",
        b"Subject: a\0b",
        b"Auto-Submitted: a\0\xff",
        b"Content-Type: text/plain; charset=utf-8; name*=x''%00",
    ],
    ids=ascii,
)
async def test_what_strangers_write_into_headers_is_taken_in(
    at_work: Service, header: bytes
) -> None:
    taken = await posted(at_work, header + b"\r\n\r\n\0hello\xff")
    assert taken.status_code == 202, taken.text


async def test_it_needs_its_own_scope(at_work: Service) -> None:
    token = at_work.issuer.token("tester", [WRITE])
    refused = await posted(at_work, OPT_OUT, authorization=f"Bearer {token}")
    assert refused.status_code == 403
