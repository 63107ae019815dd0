"""Handing mails to a real mail server that answers, refuses, hangs and disconnects."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from followup.delivery.composing import compose
from followup.delivery.sending import Mailer
from followup.domain.delivery.outcome import Fate, Outcome
from kakehashi_common.mail.settings import MailSettings
from tests.support.mail_servers import MailServer, mail_server
from tests.support.outgoing_mails import MAIL
from tests.support.tls import Authority

RECIPIENT = MAIL.recipient_address
DATA = compose(MAIL)


async def may_go() -> None:
    return None


def mailer(server: MailServer, **changes: Any) -> Mailer:
    options = {key: changes.pop(key) for key in ("answer_seconds", "connections") if key in changes}
    settings = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "sender": "bounces@mail.example.jp",
        "timeout_seconds": 5,
    }
    return Mailer(MailSettings.model_validate(settings | changes), **options)


@pytest_asyncio.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


async def test_a_mail_arrives_byte_for_byte(server: MailServer) -> None:
    outcome = await mailer(server).send(RECIPIENT, DATA, may_go)
    assert outcome == Outcome(Fate.ACCEPTED, "the mail server answered 250 2.0.0", 250, "2.0.0")
    assert server.messages == [DATA]
    assert server.recipients == [RECIPIENT]


class Refused(NamedTuple):
    answer: str
    fate: Fate
    reason: str
    is_greylisted: bool = False
    concerns_recipient: bool = False


@pytest.mark.parametrize(
    "refused",
    [
        Refused("550 5.1.1 <x@y> unknown", Fate.REJECTED, "550 5.1.1", concerns_recipient=True),
        Refused("550 no such user", Fate.REJECTED, "550", concerns_recipient=True),
        Refused("554 5.7.1 policy", Fate.REJECTED, "554 5.7.1"),
        Refused("552 mailbox full", Fate.REJECTED, "552"),
        Refused("553 5.1.8 sender's domain not found", Fate.REJECTED, "553 5.1.8"),
        Refused("450 4.2.1 mailbox busy", Fate.DEFERRED, "450 4.2.1"),
        Refused("451 4.7.1 Greylisting in action", Fate.DEFERRED, "451 4.7.1", is_greylisted=True),
        Refused("450 4.2.0 graylisted, retry", Fate.DEFERRED, "450 4.2.0", is_greylisted=True),
    ],
)
async def test_a_refused_recipient_is_distinguished_and_nothing_is_handed_over(
    server: MailServer, refused: Refused
) -> None:
    server.to_recipients = [refused.answer]
    claims: list[int] = []

    async def claim() -> None:
        claims.append(1)

    outcome = await mailer(server).send(RECIPIENT, DATA, claim)
    assert outcome.fate == refused.fate
    assert outcome.reason == f"the mail server answered {refused.reason}"
    assert outcome.is_greylisted == refused.is_greylisted
    assert outcome.concerns_recipient == refused.concerns_recipient
    assert (claims, server.messages) == ([], [])


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        ("554 5.7.1 spam", Fate.REJECTED),
        ("552 5.3.4 too big", Fate.REJECTED),
        ("451 4.3.0 try again", Fate.DEFERRED),
        ("421 4.3.2 going down", Fate.DEFERRED),
        ("354 go on", Fate.UNKNOWN),
    ],
)
async def test_the_answer_to_the_message_decides(
    server: MailServer, answer: str, fate: Fate
) -> None:
    server.to_messages = [answer]
    outcome = await mailer(server).send(RECIPIENT, DATA, may_go)
    assert (outcome.fate, outcome.concerns_recipient) == (fate, False)
    assert len(server.messages) == 1


@pytest.mark.parametrize("answer", ["hang", "disconnect"])
async def test_without_an_answer_to_the_message_its_fate_is_unknown_and_it_is_sent_once(
    server: MailServer, answer: str
) -> None:
    server.to_messages = [answer]
    sending = mailer(server, answer_seconds=0.3)
    outcome = await sending.send(RECIPIENT, DATA, may_go)
    assert outcome.fate == Fate.UNKNOWN
    assert server.messages == [DATA]
    assert (await sending.send(RECIPIENT, DATA, may_go)).fate == Fate.ACCEPTED
    assert server.connections == 2


@pytest.mark.parametrize("stage", ["to_senders", "to_recipients"])
@pytest.mark.parametrize("answer", ["hang", "disconnect"])
async def test_what_breaks_before_the_message_is_deferred(
    server: MailServer, stage: str, answer: str
) -> None:
    setattr(server, stage, [answer])
    outcome = await mailer(server, timeout_seconds=0.3).send(RECIPIENT, DATA, may_go)
    assert outcome.fate == Fate.DEFERRED
    assert outcome.reason.startswith("the mail server can't be reached: ")
    assert server.messages == []


async def test_a_refused_sender_is_a_setting_s_fault_and_deferred(server: MailServer) -> None:
    server.to_senders = ["550 5.7.1 not yours"]
    outcome = await mailer(server).send(RECIPIENT, DATA, may_go)
    assert (outcome.fate, outcome.code) == (Fate.DEFERRED, 550)


async def test_a_server_that_is_away_or_not_set_up_defers() -> None:
    away = Mailer(MailSettings(host="127.0.0.1", port=1, security="none", sender="a@x.example.jp"))
    assert (await away.send(RECIPIENT, DATA, may_go)).fate == Fate.DEFERRED
    outcome = await Mailer(MailSettings()).send(RECIPIENT, DATA, may_go)
    assert (outcome.fate, outcome.reason) == (
        Fate.DEFERRED,
        "no mail server is set up: give its host",
    )


async def test_a_claim_withholds_a_mail_and_the_connection_stays_good(server: MailServer) -> None:
    opted_out = Outcome(Fate.WITHHELD, "opted out")

    async def withhold() -> Outcome:
        return opted_out

    sending = mailer(server)
    assert await sending.send(RECIPIENT, DATA, withhold) == opted_out
    assert server.messages == []
    assert (await sending.send(RECIPIENT, DATA, may_go)).fate == Fate.ACCEPTED
    assert server.connections == 1


async def test_a_claim_that_fails_sends_nothing(server: MailServer) -> None:
    async def fail() -> None:
        raise RuntimeError

    sending = mailer(server)
    with pytest.raises(RuntimeError):
        await sending.send(RECIPIENT, DATA, fail)
    assert server.messages == []
    assert (await sending.send(RECIPIENT, DATA, may_go)).fate == Fate.ACCEPTED


async def test_a_cancelled_attempt_leaves_no_half_said_connection(server: MailServer) -> None:
    claimed = asyncio.Event()

    async def wait() -> None:
        claimed.set()
        await asyncio.Event().wait()

    sending = mailer(server)
    task = asyncio.create_task(sending.send(RECIPIENT, DATA, wait))
    await claimed.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await sending.send(RECIPIENT, DATA, may_go)).fate == Fate.ACCEPTED
    assert (len(server.messages), server.connections) == (1, 2)


async def test_a_connection_is_kept_and_replaced_when_the_server_closed_it(
    server: MailServer,
) -> None:
    sending = mailer(server)
    for _ in range(3):
        assert (await sending.send(RECIPIENT, DATA, may_go)).fate == Fate.ACCEPTED
    assert server.connections == 1
    server.disconnect_all()
    assert (await sending.send(RECIPIENT, DATA, may_go)).fate == Fate.ACCEPTED
    assert server.connections == 2
    await sending.close()


async def test_connections_are_at_most_as_many_as_allowed(server: MailServer) -> None:
    sending = mailer(server, connections=2)
    outcomes = await asyncio.gather(*(sending.send(RECIPIENT, DATA, may_go) for _ in range(12)))
    assert {each.fate for each in outcomes} == {Fate.ACCEPTED}
    assert (len(server.messages), server.connections) == (12, 2)


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_the_connection_is_encrypted_and_the_server_s_name_is_verified(
    security: str, tmp_path: Path
) -> None:
    ours, other = Authority(tmp_path, "ours"), Authority(tmp_path, "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*ours.issue("mail", "127.0.0.1"))
    kind = {"tls" if security == "tls" else "starttls": context}
    async with mail_server(**kind) as running:
        trusting = mailer(running, security=security, ssl_ca_file=ours.ca_file)
        assert (await trusting.send(RECIPIENT, DATA, may_go)).fate == Fate.ACCEPTED
        if security == "starttls":
            assert running.under_tls == [True]
        for changes in (
            {"security": security, "ssl_ca_file": other.ca_file},
            {"security": "starttls" if security == "tls" else "none", "timeout_seconds": 0.5},
        ):
            outcome = await mailer(running, **changes).send(RECIPIENT, DATA, may_go)
            assert outcome.fate == Fate.DEFERRED
        assert len(running.messages) == 1
