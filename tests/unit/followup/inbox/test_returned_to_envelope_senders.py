"""Bounces and automatic replies that quote nothing, at the envelope sender of one of our mails."""

from dataclasses import replace

import pytest

from followup.domain.inbox.classified import Classified, MailKind
from followup.inbox.reading import read
from tests.support.incoming_mails import CLASSIFIER, OFFICER, OURS, RECEIVED, mail, report
from tests.support.outgoing_mails import FORGED_SENDERS, SENDERS

OUR_CLASSIFIER = replace(CLASSIFIER, envelope_senders=SENDERS)
TO = SENDERS.of(OURS)
DAEMON = "MAILER-DAEMON@carrier.example.jp"
NOT_DELIVERED = "のメールは、宛先が存在しませんので届きませんでした。"


def classified(data: bytes) -> Classified:
    return OUR_CLASSIFIER.classify(read(data), RECEIVED)


def notice(
    text: str,
    *,
    subject: str = "Mail System Error - Returned Mail",
    sender: str = DAEMON,
    to: str = TO,
    **headers: str,
) -> bytes:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return mail(text, subject=subject, sender=sender, to=to, answers=None, headers=named)


@pytest.mark.parametrize(
    ("data", "bounced"),
    [
        (notice(f"Unknown user: {OFFICER}\n"), (OFFICER, True)),
        (notice("550 Unknown user\n"), (None, True)),
        (notice("メールが届きませんでした。"), (None, True)),
        (notice("Your message was returned."), (None, True)),
        (notice("Please wait.", subject="Warning: could not send message for past 4 hours"),
         (None, False)),
        (notice("550 5.1.1 User unknown", sender="Postmaster@ezweb.example.jp", Return_Path="<>"),
         (None, True)),
        (notice("The user does not exist: k@other.example.jp"), ("k@other.example.jp", True)),
        (notice(f"{TO} wrote to an unknown user"), (None, True)),
        (notice(f"差出人 {CLASSIFIER.unsubscribe_address} {NOT_DELIVERED}"), (None, True)),
        (notice(f"差出人 {TO} {NOT_DELIVERED}", to="postmaster@x.example.jp", Envelope_To=TO),
         (None, True)),
        (
            report(
                "delivery-status",
                (
                    "message/delivery-status",
                    "Final-Recipient: rfc822;\nAction: failed\nStatus: 5.1.1\n",
                ),
                headers={"To": TO},
            ),
            (None, True),
        ),
    ],
)  # fmt: skip
def test_a_bounce_belongs_to_the_mail_although_it_quotes_nothing(
    data: bytes, bounced: tuple[str | None, bool]
) -> None:
    found = classified(data)
    assert (found.kind, found.refers_to) == (MailKind.BOUNCE, OURS)
    assert [(each.address, each.permanent) for each in found.bounced] == [bounced]


@pytest.mark.parametrize(
    "headers",
    [
        {"Delivered_To": TO},
        {"X_Original_To": TO.upper()},
        {"Envelope_To": TO},
        {"Received": f"from x (x [192.0.2.1]) by y with ESMTP id 1 for <{TO}>; {RECEIVED:%c}"},
    ],
)
def test_the_recipient_is_what_mail_servers_note_down(headers: dict[str, str]) -> None:
    data = notice("550 Unknown user", to="postmaster@mail.example.jp", **headers)
    assert classified(data).refers_to == OURS
    above = b"Delivered-To: inbox@mail.example.jp\r\n" + data
    assert classified(above).refers_to == OURS


@pytest.mark.parametrize(
    "to", [FORGED_SENDERS.of(OURS), f"bounce+{'a' * 42}@mail.example.jp", "bounce@x"]
)
def test_a_forged_address_names_no_mail(to: str) -> None:
    assert classified(notice(f"Unknown user: {OFFICER}", to=to)).refers_to is None


def test_an_automatic_reply_concerns_who_got_the_mail() -> None:
    away = notice(
        "12月3日まで不在です。",
        subject="自動応答",
        sender="soumu@city.example.lg.jp",
        Auto_Submitted="auto-replied",
    )
    found = classified(away)
    assert (found.kind, found.refers_to) == (MailKind.OUT_OF_OFFICE, OURS)


def test_a_person_who_writes_there_answers_no_mail() -> None:
    found = classified(mail("検討します。", to=TO, answers=None))
    assert (found.kind, found.refers_to) == (MailKind.UNRELATED, None)
