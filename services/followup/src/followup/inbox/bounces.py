"""Bounces: fields of RFC 3464, and the forms that mail servers have invented beside it."""

import logging
import re
from collections.abc import Sequence
from email.message import Message
from typing import Final, cast

from flufl.bounce import all_failures

from followup.domain.inbox.mail import DeliveryReport, Mailbox
from followup.inbox import headers

STATUS: Final = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
"""An enhanced status code (RFC 3463)."""
_REPLY: Final = re.compile(r"(?<!\d)(?P<class>[45])\d\d[ -](?=\S)")
_DAEMON: Final = re.compile(r"(?:mailer-?daemon|postmaster|mail-?daemon|maildelivery|mdaemon)\b")
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
    r"|still being|temporar(?:y|ily)",
    re.IGNORECASE,
)
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
    message: Message, senders: Sequence[Mailbox], subject: str, text: str
) -> list[DeliveryReport]:
    """Return the recipients that a bounce without the fields of RFC 3464 names.

    Only a mail that a mail server sent is looked at: a person may quote a bounce.
    """
    if not _is_from_a_server(message, senders, subject):
        return []
    temporary, permanent = _scanned(message)
    if not temporary and not permanent:
        return _japanese(senders, text)
    found = sorted(temporary | permanent)[:_MOST]
    return [_free_form(each, text, permanent=each in permanent) for each in found]


def _report(block: Message) -> DeliveryReport | None:
    action = headers.header(block, "action").lower().split(" ")[0].split(";")[0]
    if not action:
        return None
    named = (
        headers.header(block, "original-recipient"),
        headers.header(block, "final-recipient"),
    )
    addresses = [each for value in named for each in headers.addresses_in(_bare(value))]
    if not addresses:
        return None
    status = STATUS.search(headers.header(block, "status"))
    diagnostic = _bare(headers.header(block, "diagnostic-code"))
    return DeliveryReport(
        address=addresses[0],
        action="failed" if action == "error" else action,
        status=status[0] if status else _status_in(diagnostic),
        diagnostic=diagnostic[:_LONGEST],
    )


def _bare(value: str) -> str:
    """Return a field without its type: ``rfc822; hanako@example.jp``."""
    return _MAILBOX_PART.sub("", value).strip()


def _is_from_a_server(message: Message, senders: Sequence[Mailbox], subject: str) -> bool:
    return (
        any(_DAEMON.match(each.address) for each in senders)
        or "x-failed-recipients" in message
        or (headers.raw(message, "return-path") == "<>" and _SUBJECT.search(subject) is not None)
        or (not senders and _SUBJECT.search(subject) is not None)
    )


def _scanned(message: Message) -> tuple[set[str], set[str]]:
    try:
        temporary, permanent = all_failures(message)
    except Exception:  # noqa: BLE001 - it raises what its patterns trip over
        return set(), set()
    return (
        {each for address in temporary for each in headers.addresses_in(address.decode())},
        {each for address in permanent for each in headers.addresses_in(address.decode())},
    )


def _japanese(senders: Sequence[Mailbox], text: str) -> list[DeliveryReport]:
    """Read what Japanese providers write; flufl.bounce knows none of them."""
    if not _JAPANESE_FAILURE.search("".join(text.split())) and not STATUS.search(text):
        return []
    daemons = {each.address for each in senders}
    addresses = [each for each in headers.addresses_in(text) if each not in daemons]
    return [_free_form(each, text, permanent=True) for each in addresses[:1]]


def _free_form(address: str, text: str, *, permanent: bool) -> DeliveryReport:
    line = next(
        (line.strip() for line in text.splitlines() if STATUS.search(line) or _REPLY.search(line)),
        "",
    )
    status = _status_in(line)
    reply = _REPLY.search(line)
    kind = status[0] if status else reply["class"] if reply else None
    delayed = kind == "4" or (kind is None and _TEMPORARY.search(text) is not None)
    return DeliveryReport(
        address=address,
        action="delayed" if delayed or not permanent else "failed",
        status=status,
        diagnostic=line[:_LONGEST],
        free_form=True,
    )


def _status_in(text: str) -> str | None:
    found = STATUS.search(text)
    return found[0] if found else None
