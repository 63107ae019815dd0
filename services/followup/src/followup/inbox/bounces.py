"""Bounces: fields of RFC 3464, and the other forms that mail servers have invented."""

import logging
import re
from collections.abc import Sequence
from email.message import Message
from typing import Final, cast

from flufl.bounce import all_failures

from followup.domain.delivery.dead_addresses import (
    speaks_of_another_reason,
    speaks_of_unknown,
)
from followup.domain.inbox.mail import DeliveryReport, Mailbox
from followup.inbox import headers

STATUS: Final = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
"""An enhanced status code (RFC 3463)."""
_REPLY: Final = re.compile(r"(?<!\d)(?P<class>[45])\d\d[ -](?=[^\s\d])")
_DAEMON: Final = re.compile(r"(?:mailer-?daemon|mail-?daemon|maildelivery|mdaemon)\b")
_POSTMASTER: Final = re.compile(r"postmaster\b")
"""A person may write from there, too."""
_SUBJECT: Final = re.compile(
    r"undeliver|delivery (?:status notification|failure|report|has failed)|failure notice"
    r"|returned (?:mail|to sender)|mail delivery|delayed|warning: could not send"
    r"|配信(?:不能|不可|できません|に失敗|エラー|の?遅延|状況)|(?:送信|配送|配達)(?:不能|できません|に失敗|エラー)"
    r"|未達|不達|届きませんでした|エラーメール",
    re.IGNORECASE,
)
_JAPANESE_FAILURE: Final = re.compile(
    r"(?:届き|配信|配送|配達|送信|お届け)(?:は|が|に|を)?(?:でき|しま|し|失敗|いたし)?"
    r"(?:ませんでした|ません|できず|失敗|不能)|(?:宛先|あて先|メールアドレス|ユーザー?)"
    r".{0,30}(?:存在しません|見つかりません|不明|無効|誤り)|受信(?:を)?拒否"
)
_TEMPORARY: Final = re.compile(
    r"再送(?:を)?(?:試|し|いた)|遅延|遅れて|一時的|will (?:keep trying|be retried|retry)"
    r"|still being|delayed|could not send message for|temporar(?:y|ily)",
    re.IGNORECASE,
)
_REPLY_TO: Final = re.compile(r"\s*(?:re|回答|返信)\s*[:：]", re.IGNORECASE)
_COPY: Final = re.compile(
    r"^(?:-{2,} ?(?:Below this line is a copy|This is a copy of)"
    r"|-{3,}.{0,40}(?:original message|元のメッセージ|元のメール)"
    r"|(?:Return-Path|Received|Message-ID):)",
    re.IGNORECASE | re.MULTILINE,
)
_MESSAGE_ID: Final = re.compile(r"<[!-;=?-~]{1,250}@[!-;=?-~]{1,250}>")
_MAILBOX_PART: Final = re.compile(r"^[^;]{0,30};\s*")
_LONGEST: Final = 300
_MOST: Final = 20
"""Addresses of one bounce: we send each mail to one."""

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)  # it logs what it trips over


def reports_in(part: Message) -> list[DeliveryReport]:
    """Return what a part ``message/delivery-status`` says of each recipient (RFC 3464)."""
    blocks = part.get_payload()
    if not isinstance(blocks, list):
        return []
    found = (_report(cast("Message", block)) for block in blocks)
    return [each for each in found if each is not None]


def failures_in_text(
    message: Message,
    senders: Sequence[Mailbox],
    recipients: Sequence[Mailbox],
    subject: str,
    text: str,
) -> list[DeliveryReport]:
    """Return the recipients that a bounce without the fields of RFC 3464 names.

    Where it names none, one report has no address. Only a mail that a mail server sent is looked
    at: a person may quote a bounce.

    Args:
        message: its beginning, of a large one.
        senders: its ``From``.
        recipients: to whom it is addressed.
        subject: decoded.
        text: of its parts.
    """
    if not _is_from_a_server(message, senders, subject):
        return []
    temporary, permanent = _scanned(message)
    if not temporary and not permanent:
        return _unscanned(senders, recipients, subject, text)
    found = sorted(temporary | permanent)[:_MOST]
    return [_free_form(each, text, permanent=each in permanent) for each in found]


def returned_ids_in(text: str) -> list[str]:
    """Return the Message-IDs in the text of a bounce: many servers copy the mail below it."""
    return _MESSAGE_ID.findall(text)[:_MOST]


def _report(block: Message) -> DeliveryReport | None:
    action = headers.header(block, "action").lower().split(" ")[0].split(";")[0]
    if not action:
        return None
    named = (
        headers.header(block, "original-recipient"),
        headers.header(block, "final-recipient"),
    )
    if not any(named):
        return None
    addresses = [each for value in named for each in headers.addresses_in(_bare(value))]
    status = STATUS.search(headers.header(block, "status"))
    diagnostic = _bare(headers.header(block, "diagnostic-code"))
    return DeliveryReport(
        address=addresses[0] if addresses else None,
        action="failed" if action == "error" else action,
        status=status[0] if status else _status_in(diagnostic),
        diagnostic=diagnostic[:_LONGEST],
    )


def _bare(value: str) -> str:
    """Return a field without its type: ``rfc822; hanako@example.jp``."""
    return _MAILBOX_PART.sub("", value).strip()


def _is_from_a_server(message: Message, senders: Sequence[Mailbox], subject: str) -> bool:
    if "x-failed-recipients" in message or any(_DAEMON.match(each.address) for each in senders):
        return True
    if _is_automatic(message) and any(_POSTMASTER.match(each.address) for each in senders):
        return True
    by_nobody = not senders or headers.raw(message, "return-path") == "<>"
    may_be = by_nobody or any(_POSTMASTER.match(each.address) for each in senders)
    return may_be and _SUBJECT.search(subject) is not None and not _REPLY_TO.match(subject)


def _is_automatic(message: Message) -> bool:
    submitted = headers.header(message, "auto-submitted").lower()
    return bool(submitted) and not submitted.startswith("no")


def _scanned(message: Message) -> tuple[set[str], set[str]]:
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - it raises what its patterns trip over
        return set(), set()
    return (
        {each for address in temporary for each in headers.addresses_in(address.decode())},
        {each for address in permanent for each in headers.addresses_in(address.decode())},
    )


def _unscanned(
    senders: Sequence[Mailbox], recipients: Sequence[Mailbox], subject: str, text: str
) -> list[DeliveryReport]:
    """Read what flufl.bounce doesn't know, such as what Japanese providers write.

    It names addresses in many roles; which of them is the recipient's is known by the mail that it
    refers to.
    """
    notice = _above_copy(text)
    if not _speaks_of_failure(subject, notice):
        return []
    others = {each.address for each in (*senders, *recipients)}
    addresses = [each for each in headers.addresses_in(notice) if each not in others]
    permanent = _TEMPORARY.search(subject) is None
    found: list[str | None] = [*addresses[:_MOST]] or [None]
    return [_free_form(each, text, permanent=permanent) for each in found]


def _speaks_of_failure(subject: str, notice: str) -> bool:
    return (
        _SUBJECT.search(subject) is not None
        or _JAPANESE_FAILURE.search("".join(notice.split())) is not None
        or bool(_reason(notice))
    )


def _free_form(address: str | None, text: str, *, permanent: bool) -> DeliveryReport:
    notice = _above_copy(text)
    reason = _reason(notice) or "".join(notice.split())  # a phrase may be broken
    status = _status_in(reason)
    reply = _REPLY.search(reason)
    kind = status[0] if status else reply["class"] if reply else None
    delayed = kind == "4" or (kind is None and _TEMPORARY.search(notice) is not None)
    return DeliveryReport(
        address=address,
        action="delayed" if delayed or not permanent else "failed",
        status=status,
        diagnostic=reason[:_LONGEST],
        free_form=True,
    )


def _above_copy(text: str) -> str:
    """Return what the server says, without the mail that it returns."""
    return _COPY.split(text, maxsplit=1)[0]


def _reason(notice: str) -> str:
    """Return the lines that say why: from one with a code, else those with words that are known.

    Words may stand in lines of their own below a code.
    """
    lines = [line.strip() for line in notice.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        if STATUS.search(line) or _REPLY.search(line):
            return " ".join(lines[number : number + 3])
    known = [each for each in lines if speaks_of_unknown(each) or speaks_of_another_reason(each)]
    return " ".join(known)


def _status_in(text: str) -> str | None:
    found = STATUS.search(text)
    return found[0] if found else None
