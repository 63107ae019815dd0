"""A maildir: nothing is lost, and what comes twice has one digest."""

import os
import socket
from pathlib import Path

import pytest

from followup.inbox.maildir import ArrivedMail, Maildir
from followup.inbox.reading import MAX_BYTES, read
from kakehashi_common.errors import TransientError
from tests.support.incoming_mails import RECEIVED, mail


class Handler:
    def __init__(self) -> None:
        self.taken: list[ArrivedMail] = []
        self.fails = False

    async def __call__(self, arrived: ArrivedMail) -> None:
        if self.fails:
            raise ConnectionError
        read(arrived.data)
        self.taken.append(arrived)


def deliver(path: Path, name: str, data: bytes) -> None:
    (path / "tmp" / name).write_bytes(data)
    (path / "tmp" / name).rename(path / "new" / name)


def files(path: Path, folder: str) -> list[str]:
    return sorted(each.name for each in (path / folder).iterdir())


async def test_mails_are_handled_in_order_and_once(tmp_path: Path) -> None:
    maildir, handler = Maildir(tmp_path), Handler()
    deliver(tmp_path, "2.b", mail("二"))
    deliver(tmp_path, "1.a", mail("一"))
    assert await maildir.take(handler) == 2
    assert [read(each.data).text for each in handler.taken] == ["一", "二"]
    assert await maildir.take(handler) == 0
    assert (files(tmp_path, "new"), files(tmp_path, "cur")) == ([], ["1.a:2,S", "2.b:2,S"])


async def test_a_mail_whose_handling_failed_stays(tmp_path: Path) -> None:
    maildir, handler = Maildir(tmp_path), Handler()
    deliver(tmp_path, "1.a", mail("一"))
    handler.fails = True
    with pytest.raises(ConnectionError):
        await maildir.take(handler)
    assert files(tmp_path, "new") == ["1.a"]
    handler.fails = False
    assert await maildir.take(handler) == 1


async def test_a_mail_that_was_handled_and_not_moved_comes_again_with_its_digest(
    tmp_path: Path,
) -> None:
    maildir, handler = Maildir(tmp_path), Handler()
    deliver(tmp_path, "1.a", mail("一"))
    await maildir.take(handler)
    (tmp_path / "cur" / "1.a:2,S").rename(tmp_path / "new" / "1.a")  # killed before the rename
    await maildir.take(handler)
    assert len(handler.taken) == 2
    assert len({each.digest for each in handler.taken}) == 1


def test_a_mail_has_one_digest_by_whatever_way_it_comes() -> None:
    data = mail("一\n二\n", headers={"X-Folded": "a\r\n b"})
    by_imap = b"Return-Path: <a@x.example.jp>\r\nReceived: by mx;\r\n now\r\n" + data
    by_maildir = b"Delivered-To: sales\n" + data.replace(b"\r\n", b"\n")
    digests = {ArrivedMail.of(each, RECEIVED).digest for each in (data, by_imap, by_maildir)}
    assert len(digests) == 1


@pytest.mark.parametrize(
    "other",
    [
        mail("二"),
        mail("一", subject="other"),
        mail("一", sender="b@x.example.jp"),
        mail("一", date="Tue, 01 Dec 2026 10:15:00 +0900"),
        mail("一", headers={"Message-ID": "<2@x.example.jp>"}),
    ],
)
def test_another_mail_has_another_digest(other: bytes) -> None:
    assert ArrivedMail.of(mail("一"), RECEIVED).digest != ArrivedMail.of(other, RECEIVED).digest


def test_mails_without_an_id_are_told_apart_by_all_that_they_hold() -> None:
    first, second = (f"Received: {day}\nFrom: a@x.example.jp\n\nx".encode() for day in (1, 2))
    assert ArrivedMail.of(first, RECEIVED).digest != ArrivedMail.of(second, RECEIVED).digest


async def test_what_can_not_be_read_is_set_aside_as_it_is(tmp_path: Path) -> None:
    maildir, handler = Maildir(tmp_path), Handler()
    deliver(tmp_path, "1.bad", b"\x00 no mail")
    deliver(tmp_path, "2.large", b"")
    with (tmp_path / "new" / "2.large").open("wb") as large:
        large.truncate(MAX_BYTES + 1)
    deliver(tmp_path, "3.good", mail("一"))
    assert await maildir.take(handler) == 1
    assert files(tmp_path / ".SetAside", "new") == ["1.bad", "2.large"]
    assert (tmp_path / ".SetAside" / "new" / "1.bad").read_bytes() == b"\x00 no mail"


async def test_what_is_no_file_is_set_aside_and_holds_up_no_mail(tmp_path: Path) -> None:
    maildir, handler = Maildir(tmp_path), Handler()
    new = tmp_path / "new"
    (new / "0.directory").mkdir()
    os.mkfifo(new / "1.pipe")
    (new / "2.loop").symlink_to(new / "2.loop")
    (new / "3.elsewhere").symlink_to("/etc/hostname")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(new / "4.socket"))
        deliver(tmp_path, "5.good", mail("一"))
        assert await maildir.take(handler) == 1
    assert files(tmp_path, "new") == []
    assert files(tmp_path / ".SetAside", "new") == [
        "0.directory", "1.pipe", "2.loop", "3.elsewhere", "4.socket",
    ]  # fmt: skip


async def test_a_mail_that_the_system_keeps_closed_stays_and_holds_up_no_other(
    tmp_path: Path,
) -> None:
    maildir, handler = Maildir(tmp_path), Handler()
    deliver(tmp_path, "1.closed", mail("一"))
    deliver(tmp_path, "2.good", mail("二"))
    (tmp_path / "new" / "1.closed").chmod(0)
    if os.access(tmp_path / "new" / "1.closed", os.R_OK):
        pytest.skip("this user may read every file")
    with pytest.raises(TransientError, match=r"1\.closed"):
        await maildir.take(handler)
    assert (files(tmp_path, "new"), len(handler.taken)) == (["1.closed"], 1)


async def test_a_maildir_that_is_gone_for_a_while_ends_nothing(tmp_path: Path) -> None:
    maildir, handler = Maildir(tmp_path), Handler()
    (tmp_path / "new").rmdir()
    with pytest.raises(TransientError, match="the maildir can't be used"):
        await maildir.take(handler)
    (tmp_path / "new").mkdir()
    deliver(tmp_path, "1.a", mail("一"))
    assert await maildir.take(handler) == 1


async def test_a_file_that_can_not_be_moved_holds_up_no_other(tmp_path: Path) -> None:
    maildir, handler = Maildir(tmp_path), Handler()
    longest = "0" * 255  # no room for the mark of a seen mail
    (tmp_path / "new" / longest).write_bytes(mail("零"))
    deliver(tmp_path, "1.bad", b"\x00 no mail")
    (tmp_path / ".SetAside" / "new" / "1.bad").mkdir()
    deliver(tmp_path, "2.good", mail("一"))
    with pytest.raises(TransientError, match="File name too long"):
        await maildir.take(handler)
    assert files(tmp_path, "new") == [longest, "1.bad"]
    assert files(tmp_path, "cur") == ["2.good:2,S"]
