"""Bounces and complaints, as servers send them."""

from typing import NamedTuple

import pytest

from followup.domain.inbox.classified import MailKind
from tests.support.incoming_mails import CLASSIFIER, OFFICER, OURS, classified, mail, report

RETURNED = (
    "message/rfc822",
    (
        f"From: sales@mail.example.jp\nTo: {OFFICER}\nMessage-ID: {OURS}\n"
        "Subject: x\n\n今後の送付は不要です\n"
    ),
)


def dsn(action: str, status: str, diagnostic: str, recipient: str = OFFICER) -> bytes:
    return report(
        "delivery-status",
        ("text/plain", "This is the mail system. I'm sorry to have to inform you ..."),
        (
            "message/delivery-status",
            (
                "Reporting-MTA: dns; mx.example.jp\n\n"
                f"Final-Recipient: rfc822; {recipient}\nAction: {action}\nStatus: {status}\n"
                f"Diagnostic-Code: smtp; {diagnostic}\n"
            ),
        ),
        RETURNED,
    )


class Report(NamedTuple):
    name: str
    data: bytes
    permanent: bool
    status: str | None
    diagnostic: str = ""
    refers: bool = True


DAEMON = "MAILER-DAEMON@mx.example.jp"


def free(text: str, subject: str, sender: str = DAEMON, **headers: str) -> bytes:
    return mail(
        text,
        subject=subject,
        sender=sender,
        answers=None,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


BOUNCES = [
    Report(
        "unknown user",
        dsn("failed", "5.1.1", "550 5.1.1 User unknown"),
        True,
        "5.1.1",
        "550 5.1.1 User unknown",
    ),
    Report("mailbox full", dsn("failed", "5.2.2", "552 5.2.2 over quota"), True, "5.2.2", "552"),
    Report("delayed", dsn("delayed", "4.4.1", "connect timed out"), False, "4.4.1", "connect"),
    Report("greylisted", dsn("delayed", "4.7.1", "451 4.7.1 greylisted"), False, "4.7.1", "451"),
    Report("policy", dsn("failed", "5.7.1", "554 5.7.1 blocked"), True, "5.7.1", "554"),
    Report("opensmtpd's action", dsn("error", "5.1.2", "no such host"), True, "5.1.2", "no such"),
    Report("capital letters", dsn("Failed", "5.1.1", "x", OFFICER.upper()), True, "5.1.1", "x"),
    Report("status in the diagnostic", dsn("failed", "", "550 5.4.1 denied"), True, "5.4.1", "550"),
    Report(
        "headers of the original only",
        report(
            "delivery-status",
            ("text/plain; charset=iso-2022-jp", "undeliverable"),
            (
                "message/delivery-status",
                (
                    f"Reporting-MTA: dns;x\n\nOriginal-Recipient: rfc822;{OFFICER}\n"
                    "Final-Recipient: rfc822;alias@x.example.jp\nAction: failed\nStatus: 5.1.10\n"
                ),
            ),
            ("text/rfc822-headers", f"Message-ID: {OURS}\nTo: {OFFICER}\n"),
        ),
        True,
        "5.1.10",
    ),
    Report(
        "qmail",
        free(
            "Hi. This is the qmail-send program at mx.example.jp.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
            f"<{OFFICER}>:\n550 5.1.1 no such mailbox\n\n"
            "--- Below this line is a copy of the message.\n\nReturn-Path: <s@mail.example.jp>\n",
            "failure notice",
        ),
        True,
        "5.1.1",
        "550 5.1.1 no such mailbox",
        False,
    ),
    Report(
        "Exim",
        free(
            "This message was created automatically by mail delivery software.\n\nA message that "
            f"you sent could not be delivered\n\n  {OFFICER}\n    unrouteable address\n",
            "Mail delivery failed: returning message to sender",
            X_Failed_Recipients=OFFICER,
        ),
        True,
        None,
        "",
        False,
    ),
    Report(
        "Postfix of old",
        free(
            "This is the Postfix program at host mx.example.jp.\n\nI'm sorry to have to inform you "
            "that the message returned\nbelow could not be delivered to one or more destinations."
            f"\n\n\t\t\tThe Postfix program\n\n<{OFFICER}>: host mx said: 550 5.1.1 unknown user\n",
            "Undelivered Mail Returned to Sender",
        ),
        True,
        "5.1.1",
        "",
        False,
    ),
    Report(
        "a Japanese provider",
        free(
            "次の宛先にメールを配信できませんでした。\n\n"
            f"  {OFFICER}\n\n宛先のメールアドレスが存在しません。\n550 5.1.1 User unknown\n",
            "メール配信不能のお知らせ",
            "postmaster@provider.example.jp",
        ),
        True,
        "5.1.1",
        "550 5.1.1 User unknown",
        False,
    ),
    Report(
        "a Japanese provider, without a code",
        free(
            f"以下のあて先へのメールは届きませんでした。\n<{OFFICER}>\n受信拒否の設定がされています。",
            "【エラーメール】送信できませんでした",
            "postmaster@provider.example.jp",
        ),
        True,
        None,
        "",
        False,
    ),
    Report(
        "what a server says of a mail that it returns as text",
        free(
            f"<{OFFICER}>: host mx said: 552 Mailbox full\n\n"
            f"Return-Path: <sales@mail.example.jp>\nMessage-ID: {OURS}\nTo: {OFFICER}\n",
            "failure notice",
        ),
        True,
        None,
        "<hanako.sato@city.example.lg.jp>: host mx said: 552 Mailbox full",
    ),
    Report(
        "au",
        free(
            "Your message was not delivered to the following recipients:\n\n"
            f"<{OFFICER}> : 550 <{OFFICER}>: User unknown\n",
            "Mail System Error - Returned Mail",
            "Postmaster@ezweb.example.jp",
            Return_Path="<>",
        ),
        True,
        None,
        "<hanako",
        False,
    ),
    Report(
        "docomo",
        free(f"Unknown user: {OFFICER}\n", "メールが届きませんでした", Return_Path="<>"),
        True,
        None,
        "Unknown user",
        False,
    ),
    Report(
        "qmail without a code",
        free(
            "Hi. This is the qmail-send program at mx.example.jp.\n"
            "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
            "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
            f"<{OFFICER}>:\nUser has exceeded mailbox quota\n\n"
            "--- Below this line is a copy of the message.\n\n"
            f"Return-Path: <sales@mail.example.jp>\nMessage-ID: {OURS}\n\n今後は不要です",
            "failure notice",
        ),
        True,
        None,
        "User has exceeded mailbox quota",
    ),
    Report(
        "Exchange of old",
        free(
            "次の受信者またはグループへの配信に失敗しました:\n\n"
            f"佐藤花子<mailto:{OFFICER}>\n入力した電子メール アドレスが見つかりませんでした。\n"
            "生成サーバー: mx1.city.example.lg.jp\n"
            "#550 5.1.1 RESOLVER.ADR.RecipNotFound\n",
            "配信不能: 予算",
            "postmaster@city.example.lg.jp",
        ),
        True,
        "5.1.1",
        "#550 5.1.1 RESOLVER.ADR.RecipNotFound",
        False,
    ),
    Report(
        "our own address named first",
        free(
            "このメールは sales@mail.example.jp から送信されましたが、以下の宛先に"
            f"届きませんでした。\n宛先: {OFFICER}\n理由: 宛先不明\n",
            "エラーメール",
        ),
        True,
        None,
        "理由: 宛先不明",
        False,
    ),
    Report(
        "a Japanese provider that tries again",
        free(
            f"次の宛先へのメールはまだ配信できていません。引き続き再送を試みます。\n{OFFICER}\n"
            "450 4.2.2 Mailbox full\n",
            "メール配信遅延のお知らせ",
            "postmaster@provider.example.jp",
        ),
        False,
        "4.2.2",
        "450 4.2.2 Mailbox full",
        False,
    ),
]


@pytest.mark.parametrize("each", BOUNCES, ids=[each.name for each in BOUNCES])
def test_a_bounce_names_the_address_and_whether_it_is_for_good(each: Report) -> None:
    found = classified(each.data)
    assert found.kind == MailKind.BOUNCE, found
    [bounced] = found.bounced
    assert (bounced.address, bounced.permanent, bounced.status) == (
        OFFICER,
        each.permanent,
        each.status,
    )
    assert bounced.diagnostic.startswith(each.diagnostic)
    assert found.about == OFFICER
    assert found.refers_to == (OURS if each.refers else None)


COPIED = "--- Below this line is a copy of the message.\n\n" + f"Message-ID: {OURS}\n\n"
LONG = ("あ" * 30 + "\n") * 55_000
"""Five megabytes."""


@pytest.mark.parametrize(
    "notice",
    [
        (
            "Hi. This is the qmail-send program at mx.example.jp.\nI'm afraid I wasn't able to "
            "deliver your message to the following addresses.\nThis is a permanent error; I've "
            f"given up. Sorry it didn't work out.\n\n<{OFFICER}>:\n550 5.1.1 unknown\n\n"
        ),
        f"次の宛先にメールを配信できませんでした。\n{OFFICER}\n550 5.1.1 User unknown\n\n",
    ],
    ids=["known to flufl.bounce", "Japanese"],
)
@pytest.mark.parametrize("copied", [COPIED + LONG, LONG], ids=["returned", "without a line"])
def test_a_bounce_that_returns_a_large_mail_is_read(notice: str, copied: str) -> None:
    found = classified(free(notice + copied, "failure notice"))
    assert (found.kind, found.about) == (MailKind.BOUNCE, OFFICER)
    assert [each.status for each in found.bounced] == ["5.1.1"]
    assert found.refers_to == (OURS if copied.startswith(COPIED) else None)


def test_several_recipients_bounce_at_once() -> None:
    data = report(
        "delivery-status",
        ("text/plain", "x"),
        (
            "message/delivery-status",
            (
                "Reporting-MTA: dns;x\n\nFinal-Recipient: rfc822;a@x.example.jp\nAction: failed\n"
                "Status: 5.1.1\n\nFinal-Recipient: rfc822;b@x.example.jp\nAction: delayed\n"
                "Status: 4.2.1\n\nFinal-Recipient: rfc822;c@x.example.jp\nAction: delivered\n"
                "Status: 2.0.0\n"
            ),
        ),
    )
    assert [(each.address, each.permanent) for each in classified(data).bounced] == [
        ("a@x.example.jp", True),
        ("b@x.example.jp", False),
    ]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("delivered", dsn("delivered", "2.0.0", "250 ok")),
        ("relayed", dsn("relayed", "2.0.0", "250 ok")),
        (
            "displayed",
            report(
                "disposition-notification",
                ("text/plain", "The message was displayed."),
                (
                    "message/disposition-notification",
                    (
                        f"Final-Recipient: rfc822;{OFFICER}\nOriginal-Message-ID: {OURS}\n"
                        "Disposition: manual-action/MDN-sent-manually; displayed\n"
                    ),
                ),
            ),
        ),
    ],
)
def test_a_receipt_is_neither_bounce_nor_answer(name: str, data: bytes) -> None:
    found = classified(data)
    assert (found.kind, found.bounced) == (MailKind.UNRELATED, ()), name


def test_a_person_who_quotes_a_bounce_answers() -> None:
    text = (
        f"こちらのエラーが届きました。\n<{OFFICER}>: 550 5.1.1 User unknown\n送信できませんでした"
    )
    assert classified(mail(text)).kind == MailKind.ANSWER


def test_a_person_at_postmaster_answers() -> None:
    text = "先日のメールが一部に届きませんでした。 suzuki@town.example.jp にも送ってください。"
    found = classified(mail(text, subject="Re: 見積", sender="postmaster@town.example.jp"))
    assert found.kind == MailKind.ANSWER


def test_our_own_address_neither_bounces_nor_complains() -> None:
    ours = CLASSIFIER.unsubscribe_address
    bounced = classified(dsn("failed", "5.1.1", "550 5.1.1 User unknown", ours))
    assert (bounced.kind, bounced.bounced) == (MailKind.UNRELATED, ())
    assert classified(complaint("abuse", f"Original-Rcpt-To: <{ours}>")).about is None


def complaint(feedback_type: str, *fields: str) -> bytes:
    return report(
        "feedback-report",
        ("text/plain", "This is an email abuse report."),
        (
            "message/feedback-report",
            f"Feedback-Type: {feedback_type}\nUser-Agent: x/1\nVersion: 1\n" + "\n".join(fields),
        ),
        RETURNED,
        headers={"From": "complaints@provider.example.jp", "Subject": "FW: x"},
    )


@pytest.mark.parametrize(
    "data",
    [
        complaint("abuse", f"Original-Rcpt-To: <{OFFICER}>"),
        complaint("Abuse"),  # the returned mail says to whom
        complaint("opt-out", f"Original-Rcpt-To: rfc822; {OFFICER}"),
    ],
)
def test_a_complaint_names_who_complains(data: bytes) -> None:
    found = classified(data)
    assert (found.kind, found.about, found.refers_to) == (
        MailKind.FEEDBACK_REPORT,
        OFFICER,
        OURS,
    )


def test_not_spam_is_no_complaint() -> None:
    assert classified(complaint("not-spam")).kind == MailKind.UNRELATED
