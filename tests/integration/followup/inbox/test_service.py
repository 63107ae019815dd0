"""Mails that come in, kept once with what they are."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from threading import Event

import pytest

from followup.delivery import ledger
from followup.delivery.mails import MailOrigin
from followup.domain.delivery.outcome import Fate, Outcome
from followup.domain.inbox.classified import Classified, Evidence, MailKind
from followup.domain.inbox.classifying import Classifier
from followup.domain.inbox.consequences import consequences
from followup.domain.inbox.mail import ReadMail, UnreadableMailError
from followup.domain.message_ids import message_id
from followup.domain.playbooks.checks import Limits
from followup.inbox.maildir import ArrivedMail, Maildir
from followup.inbox.service import IncomingMails
from followup.playbooks.service import Playbooks
from kakehashi_common.clock import FixedClock
from kakehashi_common.db import Database
from kakehashi_common.japanese_holidays import BUSINESS_DAYS
from tests.support.followup_examples import know
from tests.support.incoming_mails import (
    CLASSIFIER,
    OFFICER,
    OURS,
    RECEIVED,
    classified,
    mail,
    report,
)
from tests.support.outgoing_mails import FORGED_SENDERS, SENDERS, TOKENS

NOW = RECEIVED.astimezone(UTC)
NEVER_SENT = message_id("s-2", "first", "mail.example.jp")


def incoming(database: Database, classifier: Classifier = CLASSIFIER) -> IncomingMails:
    playbooks, clock = Playbooks(database, Limits()), FixedClock(NOW)
    return IncomingMails(
        database, classifier, TOKENS, playbooks, clock, kept_for=timedelta(days=400)
    )


def arrived(data: bytes, at: datetime = NOW) -> ArrivedMail:
    return ArrivedMail(data, sha256(data).hexdigest(), at)


async def sent(database: Database, fate: Fate = Fate.UNKNOWN) -> None:
    async with database.raw_transaction() as connection:
        await ledger.claim(
            connection,
            OURS,
            MailOrigin("s-1", "first", "crm-1"),
            recipient_domain="city.example.lg.jp",
            pace=timedelta(0),
            now=NOW,
        )
        await ledger.settle(connection, OURS, Outcome(fate), claimed_at=NOW, now=NOW)


async def begun(database: Database) -> None:
    async with database.raw_transaction() as connection:
        await connection.execute(
            "insert into sequence (sequence_id, playbook_id, playbook_version, lead_id, "
            "trigger_id, version, status, is_open, is_paused, started_at, state, updated_at) "
            "values ('s-1', 'welcome', 1, 'crm-1', 't', 1, 'resting', true, false, now(), '{}', "
            "now())"
        )


async def test_a_mail_is_kept_once_with_the_step_that_it_answers(
    followup_database: Database,
) -> None:
    await sent(followup_database)
    mails = incoming(followup_database)
    answer = arrived(mail("検討します。"))
    for _ in range(2):
        assert (await mails.take(answer)).kind == MailKind.ANSWER
    [pending] = await mails.pending()
    assert (pending.sequence_id, pending.step_id) == ("s-1", "first")
    assert pending.classified == classified(answer.data)
    await mails.mark_handled(pending.digest)
    assert await mails.pending() == []
    await mails.take(answer)
    assert await mails.pending() == []


async def test_an_answer_proves_that_an_unknown_mail_went(followup_database: Database) -> None:
    await sent(followup_database)
    await incoming(followup_database).take(arrived(mail("検討します。")))
    async with followup_database.raw_transaction() as connection:
        attempt = await ledger.find(connection, OURS)
    assert attempt is not None
    assert (attempt.state, attempt.reason) == ("accepted", "a mail refers to it")


async def test_what_follows_is_done_without_reading_the_mail_again(
    followup_database: Database,
) -> None:
    mails = incoming(followup_database)
    away = mail("12月3日まで不在です。", headers={"Auto-Submitted": "auto-replied"})
    await mails.take(arrived(away))
    [pending] = await mails.pending()
    assert (pending.classified, pending.sequence_id) == (classified(away), None)
    assert pending.classified.returns_on == date(2026, 12, 4)


def bounce(*recipients: str, named: str = OURS) -> ArrivedMail:
    failed = "".join(
        f"\nFinal-Recipient: rfc822;{each}\nAction: failed\nStatus: 5.1.1\n" for each in recipients
    )
    return arrived(
        report(
            "delivery-status",
            ("message/delivery-status", f"Reporting-MTA: dns;x\n{failed}"),
            ("text/rfc822-headers", f"Message-ID: {named}\nTo: {OFFICER}\n"),
        )
    )


@pytest.mark.parametrize(
    ("recipients", "about"),
    [
        ([OFFICER], OFFICER),
        (["alias@x.example.jp", OFFICER.upper()], OFFICER),
        (["forwarded@x.example.jp"], None),
    ],
)
async def test_a_bounce_is_about_the_address_to_which_our_mail_went(
    followup_database: Database, recipients: list[str], about: str | None
) -> None:
    await know(followup_database, "crm-1", OFFICER)
    await begun(followup_database)
    await sent(followup_database)
    mails = incoming(followup_database)
    await mails.take(bounce(*recipients))
    [pending] = await mails.pending()
    kept = pending.classified
    assert (kept.kind, kept.about, kept.refers_to) == (MailKind.BOUNCE, about, OURS)
    assert [each.address for each in kept.bounced] == [about or recipients[0]]
    assert [each.status for each in kept.bounced] == ["5.1.1"]


@pytest.mark.parametrize("named", ["<1@x.example.jp>", OURS])
async def test_a_bounce_that_refers_to_no_mail_of_ours_is_unrelated(
    followup_database: Database, named: str
) -> None:
    await know(followup_database, "crm-1", OFFICER)
    mails = incoming(followup_database)
    for _ in range(2):
        assert await mails.take(bounce(OFFICER, named=named)) == Classified(MailKind.UNRELATED, ())
    assert await mails.pending() == []


def notice(text: str, to: str) -> ArrivedMail:
    """A bounce that returns nothing of our mail."""
    daemon = "MAILER-DAEMON@carrier.example.jp"
    return arrived(mail(text, subject="Returned Mail", sender=daemon, to=to, answers=None))


@pytest.mark.parametrize(
    ("text", "about", "suppresses"),
    [
        ("550 5.1.1 User unknown", OFFICER, True),
        (f"Unknown user: {OFFICER}", OFFICER, True),
        ("552 5.2.2 Mailbox full", OFFICER, False),
        ("It was not delivered.", OFFICER, False),
        ("Unknown user: k@forwarded.example.jp", None, False),
    ],
)
async def test_a_bounce_at_the_envelope_sender_is_about_who_got_that_mail(
    followup_database: Database,
    text: str,
    about: str | None,
    suppresses: bool,  # noqa: FBT001 - a column of the table
) -> None:
    await know(followup_database, "crm-1", OFFICER)
    await begun(followup_database)
    await sent(followup_database)
    mails = incoming(followup_database, replace(CLASSIFIER, envelope_senders=SENDERS))
    await mails.take(notice(text, SENDERS.of(OURS)))
    [pending] = await mails.pending()
    kept = pending.classified
    assert (kept.kind, kept.about, kept.refers_to) == (MailKind.BOUNCE, about, OURS)
    assert (pending.sequence_id, pending.step_id) == ("s-1", "first")
    follows = consequences(kept, NOW, BUSINESS_DAYS)
    assert follows.message is not None
    assert (follows.suppression is not None) == suppresses


async def test_a_bounce_that_names_no_address_suppresses_none_that_was_given_since(
    followup_database: Database,
) -> None:
    await begun(followup_database)
    await sent(followup_database)
    await know(followup_database, "crm-1", OFFICER, NOW + timedelta(days=365))
    mails = incoming(followup_database, replace(CLASSIFIER, envelope_senders=SENDERS))
    await mails.take(notice("550 5.1.1 User unknown", SENDERS.of(OURS)))
    [pending] = await mails.pending()
    follows = consequences(pending.classified, NOW, BUSINESS_DAYS)
    assert (follows.message is not None, follows.suppression) == (True, None)


@pytest.mark.parametrize(
    "to", [FORGED_SENDERS.of(OURS), SENDERS.of(NEVER_SENT), "sales@mail.example.jp"]
)
async def test_a_bounce_at_an_address_that_is_no_envelope_sender_of_a_mail_is_unrelated(
    followup_database: Database, to: str
) -> None:
    await know(followup_database, "crm-1", OFFICER)
    await begun(followup_database)
    await sent(followup_database)
    mails = incoming(followup_database, replace(CLASSIFIER, envelope_senders=SENDERS))
    await mails.take(notice(f"550 5.1.1 User unknown: {OFFICER}", to))
    assert await mails.pending() == []


async def test_mails_come_out_of_a_maildir(followup_database: Database, tmp_path: Path) -> None:
    maildir, mails = Maildir(tmp_path), incoming(followup_database)
    (tmp_path / "new" / "1").write_bytes(mail("検討します。"))
    (tmp_path / "new" / "2").write_bytes(b"no mail")
    assert await maildir.take(mails.take) == 1
    assert [each.classified.kind for each in await mails.pending()] == [MailKind.ANSWER]


@dataclass(frozen=True, kw_only=True)
class Says(Classifier):
    """Finds in a mail whose text is ``bad`` what the database can't hold."""

    bad: Classified

    def classify(
        self, mail: ReadMail, received_at: datetime, ours: Sequence[str] = ()
    ) -> Classified:
        return self.bad if mail.text == "bad" else super().classify(mail, received_at, ours)


@pytest.mark.parametrize(
    "bad",
    [
        Classified(MailKind.ANSWER, (), about="a\0@example.jp"),
        Classified(MailKind.ANSWER, (), about="a\udce3@example.jp"),
        Classified(MailKind.ANSWER, (), about=f"{'a' * 400}@example.jp"),
        Classified(MailKind.ANSWER, (Evidence("text", "a\0"),)),
        Classified(MailKind.ANSWER, (Evidence("text", "a\udce3"),)),
        Classified(MailKind.OPT_OUT, (), about="a\0@example.jp"),
    ],
    ids=lambda bad: ascii(bad)[:80],
)
async def test_what_the_database_refuses_is_set_aside_and_the_next_mail_is_read(
    followup_database: Database, tmp_path: Path, bad: Classified
) -> None:
    says = Says("mail.example.jp", "unsubscribe@mail.example.jp", BUSINESS_DAYS, bad=bad)
    mails = incoming(followup_database, says)
    maildir = Maildir(tmp_path)
    (tmp_path / "new" / "1").write_bytes(mail("bad"))
    (tmp_path / "new" / "2").write_bytes(mail("検討します。"))
    assert await maildir.take(mails.take) == 1
    assert [each.name for each in (tmp_path / ".SetAside" / "new").iterdir()] == ["1"]
    assert [each.classified.kind for each in await mails.pending()] == [MailKind.ANSWER]


class Waits(Classifier):
    """Classifies once the event loop has let something else run."""

    ran = Event()

    def classify(
        self, mail: ReadMail, received_at: datetime, ours: Sequence[str] = ()
    ) -> Classified:
        assert self.ran.wait(timeout=30)
        return super().classify(mail, received_at, ours)


async def test_reading_a_mail_holds_up_nothing_else(followup_database: Database) -> None:
    classifier = Waits("mail.example.jp", "unsubscribe@mail.example.jp", BUSINESS_DAYS)
    mails = incoming(followup_database, classifier)
    taking = asyncio.create_task(mails.take(arrived(mail("検討します。"))))
    while not taking.done():
        await asyncio.sleep(0)
        classifier.ran.set()
    assert (await taking).kind == MailKind.ANSWER


async def test_what_can_not_be_read_is_refused(followup_database: Database) -> None:
    with pytest.raises(UnreadableMailError):
        await incoming(followup_database).take(arrived(b"no mail"))


async def test_a_mail_that_arrived_before_what_is_kept_is_not_taken_in(
    followup_database: Database,
) -> None:
    await know(followup_database, "crm-1", OFFICER)
    await sent(followup_database)
    mails = incoming(followup_database)
    data = mail("配信停止をお願いします。")
    old, new = (arrived(data, NOW - timedelta(days=days)) for days in (401, 399))
    assert (await mails.take(old)).kind == MailKind.UNRELATED
    assert await mails.pending() == []
    async with followup_database.raw_transaction() as connection:
        attempt = await ledger.find(connection, OURS)
    assert attempt is not None
    assert attempt.state == "unknown"
    assert (await mails.take(new)).kind == MailKind.OPT_OUT
    assert len(await mails.pending()) == 1
