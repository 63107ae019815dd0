"""Mails out of a mailbox of a real IMAP server."""

import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import SecretStr

from followup.domain.inbox.mail import UnreadableMailError
from followup.inbox.imap import ImapMailbox
from followup.inbox.maildir import ArrivedMail
from followup.settings import ImapSettings
from kakehashi_common.db import Database
from kakehashi_common.errors import TransientError
from tests.support.imap_servers import DOVECOT, PASSWORD, USER, ImapServer, imap_server

pytestmark = pytest.mark.skipif(DOVECOT is None, reason="Dovecot (dovecot-imapd) is not installed")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[ImapServer]:
    with tempfile.TemporaryDirectory(prefix="imap") as root:
        async with imap_server(Path(root)) as running:
            yield running


class Taken:
    """Mails that were taken, as a handler sees them."""

    def __init__(self) -> None:
        self.mails: list[ArrivedMail] = []
        self.refuse: dict[bytes, Exception] = {}
        self.on_each: Callable[[], None] = lambda: None

    async def __call__(self, mail: ArrivedMail) -> None:
        self.on_each()
        for words, error in self.refuse.items():
            if words in mail.data:
                raise error
        self.mails.append(mail)

    @property
    def subjects(self) -> list[str]:
        return [mail.data.split(b"\n", 1)[0].strip().decode() for mail in self.mails]


def mailbox(database: Database, server: ImapServer, taken: Taken, **more: Any) -> ImapMailbox:
    settings = ImapSettings(
        host="127.0.0.1",
        port=server.port,
        security="none",
        username=USER,
        password=SecretStr(PASSWORD),
    )
    return ImapMailbox(database, settings.model_copy(update=more), taken)


def a_mail(subject: str) -> bytes:
    return f"Subject: {subject}\nFrom: a@example.jp\n\n本文\n".encode()


async def test_each_mail_is_taken_once_in_its_order_and_stays_where_it_is(
    followup_database: Database, server: ImapServer
) -> None:
    taken = Taken()
    box = mailbox(followup_database, server, taken)
    assert await box.take() == 0
    for number in (1, 2):
        server.deliver(f"{number}.x", a_mail(f"m{number}"))
    assert await box.take() == 2
    assert await box.take() == 0
    server.deliver("3.x", a_mail("m3"))
    assert await mailbox(followup_database, server, taken).take() == 1
    assert taken.subjects == ["Subject: m1", "Subject: m2", "Subject: m3"]
    assert all(mail.received_at.utcoffset() is not None for mail in taken.mails)
    assert server.count() == 3


async def test_what_was_not_handled_comes_again_and_nothing_before_it(
    followup_database: Database, server: ImapServer
) -> None:
    taken = Taken()
    taken.refuse[b"m2"] = TransientError("the database is unavailable")
    for number in (1, 2, 3):
        server.deliver(f"{number}.x", a_mail(f"m{number}"))
    box = mailbox(followup_database, server, taken)
    with pytest.raises(TransientError):
        await box.take()
    taken.refuse.clear()
    assert await box.take() == 2
    assert taken.subjects == ["Subject: m1", "Subject: m2", "Subject: m3"]


async def test_a_mail_that_cannot_be_read_is_left_and_holds_up_no_other(
    followup_database: Database, server: ImapServer
) -> None:
    taken = Taken()
    taken.refuse[b"m1"] = UnreadableMailError("no mail", code="not_a_mail")
    for number in (1, 2):
        server.deliver(f"{number}.x", a_mail(f"m{number}"))
    box = mailbox(followup_database, server, taken, delete_taken=True)
    assert await box.take() == 1
    assert await box.take() == 0
    assert taken.subjects == ["Subject: m2"]
    assert server.count() == 1


async def test_a_mail_that_somebody_deletes_meanwhile_holds_up_no_other(
    followup_database: Database, server: ImapServer
) -> None:
    taken = Taken()
    for number in (1, 2, 3):
        server.deliver(f"{number}.x", a_mail(f"m{number}"))
    deletes = iter(["2.x"])

    def delete_once() -> None:
        for each in deletes:
            server.delete(each)

    taken.on_each = delete_once
    box = mailbox(followup_database, server, taken)
    assert await box.take() == 2
    assert await box.take() == 0
    assert taken.subjects == ["Subject: m1", "Subject: m3"]


async def test_a_mailbox_that_was_numbered_anew_is_read_from_its_beginning(
    followup_database: Database, server: ImapServer
) -> None:
    taken = Taken()
    box = mailbox(followup_database, server, taken)
    server.deliver("1.x", a_mail("m1"))
    assert await box.take() == 1
    async with followup_database.raw_transaction() as connection:
        await connection.execute("update imap_checkpoint set uid_validity = 1, last_uid = 99")
    assert await box.take() == 1
    assert taken.mails[0].digest == taken.mails[1].digest


async def test_a_server_that_is_away_or_refuses_us_is_asked_again_later(
    followup_database: Database, server: ImapServer
) -> None:
    away = mailbox(followup_database, replace(server, port=1), Taken())
    stranger = mailbox(followup_database, server, Taken(), folder="no such folder")
    for box in (away, stranger):
        with pytest.raises(TransientError, match="the IMAP server"):
            await box.take()


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_it_is_read_by_tls_of_an_authority_that_is_named(
    followup_database: Database, server: ImapServer, security: str
) -> None:
    taken = Taken()
    server.deliver("1.x", a_mail("m1"))
    port = server.tls_port if security == "tls" else server.port
    secure = {"security": security, "port": port}
    trusting = mailbox(followup_database, server, taken, **secure, ssl_ca_file=server.ca_file)
    with pytest.raises(TransientError, match="the IMAP server"):
        await mailbox(followup_database, server, taken, **secure).take()
    assert await trusting.take() == 1
