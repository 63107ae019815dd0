"""The local stack's mail server keeps what it gets, and shows it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiosmtplib
import httpx
import pytest
import pytest_asyncio

from deploy.local import mail_server
from deploy.local.health import http_answers
from followup.delivery.composing import compose
from kakehashi_common.ports import free_port
from tests.support.outgoing_mails import MAIL, outgoing
from tests.support.waiting import eventually

DATA = compose(MAIL)


@dataclass(frozen=True)
class Running:
    folder: Path
    smtp_port: int
    page: str

    async def send(self, data: bytes, to: str) -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.smtp_port) as server:
            await server.sendmail("sales@kakehashi.example.jp", [to], data)

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.page) as client:
            return await client.get(path)


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    smtp_port, page_port = free_port(), free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        mail_server.__file__,
        env=os.environ
        | {
            "KAKEHASHI_MAIL_FOLDER": str(tmp_path),
            "KAKEHASHI_MAIL_DOMAIN": "kakehashi.example.jp",
            "KAKEHASHI_MAIL_SMTP_PORT": str(smtp_port),
            "KAKEHASHI_MAIL_PAGE_PORT": str(page_port),
        },
    )
    page = f"http://127.0.0.1:{page_port}"
    try:
        await eventually(lambda: asyncio.to_thread(http_answers, f"{page}/healthz"))
        yield Running(tmp_path, smtp_port, page)
    finally:
        process.terminate()
        assert await process.wait() == 0


async def test_a_mail_is_kept_as_it_came_and_shown(running: Running) -> None:
    await running.send(DATA, MAIL.recipient_address)
    [file] = (running.folder / "all").iterdir()
    envelope = (
        f"Return-Path: <sales@kakehashi.example.jp>\r\nX-Original-To: {MAIL.recipient_address}\r\n"
    )
    assert file.read_bytes() == envelope.encode() + DATA
    listed = await running.get("/")
    assert MAIL.subject in listed.text
    assert f"/{file.name}" in listed.text
    shown = (await running.get(f"/{file.name}")).text
    for part in (
        MAIL.subject,
        MAIL.message_id[1:-1],
        "List-Unsubscribe=One-Click",
        "東京都千代田区",
        "sales@kakehashi.example.jp",
        MAIL.recipient_address,
    ):
        assert part in shown
    assert (await running.get(f"/{file.name}/raw")).text.encode() == envelope.encode() + DATA


async def test_only_what_is_for_us_comes_in(running: Running) -> None:
    await running.send(DATA, MAIL.recipient_address)
    await running.send(DATA, "sales@Kakehashi.example.jp")
    assert len(list((running.folder / "all").iterdir())) == 2
    assert len(list((running.folder / "inbox" / "new").iterdir())) == 1


async def test_what_a_mail_holds_does_not_run_in_the_page(running: Running) -> None:
    await running.send(compose(outgoing(subject="<script>alert(1)</script>")), "a@x.example.jp")
    await running.send(
        b"Subject: =?x?B?!?=\r\nContent-Type: text/plain; charset=x\r\n\r\n\xff", "a@x"
    )
    for path in ("/", *(f"/{each.name}" for each in (running.folder / "all").iterdir())):
        answer = await running.get(path)
        assert answer.status_code == 200
        assert "<script" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (await running.get("/../../etc/passwd")).status_code == 404
    assert (await running.get("/nothing.eml")).status_code == 404


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        (b"=?utf-8?B?5L2Q6Jek6Iqx5a2Q?=", "佐藤花子"),
        (b"=?iso-2022-jp?B?GyRCOjRGIxsoQg==?=", "佐藤"),
        (b"=?utf-8?Q?=3D=3Fx=3FQ=3Fa=3F=3D?=", "=?x?Q?a?="),  # a text that looks encoded
        (b'"=?utf-8?B?5L2Q6Jek?=" <a@x.example.jp>', "佐藤"),
        (b"=?utf-8?B?5L2Q6Je?=", "佐"),  # cut off
        (b"=?nothing?B?5L2Q?=", "佐"),
        (b"\xe4\xbd\x90 raw", "raw"),
    ],
)
async def test_a_header_is_decoded_once_and_a_broken_one_is_shown(
    running: Running, header: bytes, shown: str
) -> None:
    data = b"From: %s\r\nSubject: %s\r\n\r\ntext\r\n" % (header, header)
    await running.send(data, "a@x.example.jp")
    [file] = (running.folder / "all").iterdir()
    for path in ("/", f"/{file.name}"):
        answer = await running.get(path)
        assert answer.status_code == 200
        assert shown in answer.text
